from django.db import migrations, models

# What the last writer said of a person becomes facts of their own: answer, question, refusal. No row is written twice: its
# foreign keys would then be checked at the end of the transaction, and PostgreSQL alters no table that waits for that.
FACTS = """
    UPDATE beneficiaries_person
       SET cns_answer = CASE WHEN cns_pending IN ('NOT_FOUND', 'SEVERAL', 'CHECK_CPF', 'PROVISIONAL_ONLY', 'UNSURE',
                                                  'RECORD_INACTIVE', 'INVALID') THEN cns_pending ELSE '' END,
           cns_question = CASE WHEN cns_pending IN ('QUEUED', 'COULD_NOT_ASK', 'REFUSED') THEN cns_pending ELSE '' END,
           cns_refusal = CASE WHEN cns_pending = 'OTHER_PERSON' THEN cns_pending ELSE '' END,
           cns_refusal_source = CASE WHEN cns_pending = 'OTHER_PERSON' THEN 'CNX' ELSE '' END
     WHERE cns_pending NOT IN ('NEVER_ASKED', 'REVIEW', 'TOO_LITTLE', 'TAKEN');
    UPDATE beneficiaries_person person
       SET cns_refusal = 'TAKEN', cns_refusal_source = refused.source, cns_refused_number = refused.number
      FROM (SELECT DISTINCT ON (person_id) person_id, data ->> 'source' AS source, personal ->> 'number' AS number
              FROM operators_auditevent
             WHERE kind = 'cns.refused' AND data ->> 'answer' = 'TAKEN' AND personal ? 'number'
             ORDER BY person_id, id DESC) AS refused
     WHERE refused.person_id = person.id AND person.cns_pending = 'TAKEN';
"""
LAST_WORD = """
    UPDATE beneficiaries_person
       SET cns_pending = COALESCE(NULLIF(cns_refusal, ''), NULLIF(cns_question, ''), NULLIF(cns_answer, ''))
     WHERE cns_refusal <> '' OR cns_question <> '' OR cns_answer <> '';
"""

# Whoever writes it: what was answered of another CPF, name, birth date, mother or sex is no answer any more.
FORGET = """
    CREATE FUNCTION person_forgets_answers() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.cns_answer := '';
        NEW.cns_refusal := '';
        NEW.cns_refusal_source := '';
        NEW.cns_refused_number := '';
        IF NEW.cns_question IN ('REFUSED', 'ASK_FAILED') THEN
            NEW.cns_question := '';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER person_forgets_answers BEFORE UPDATE OF cpf, name, birth_date, mother_name, sex
        ON beneficiaries_person FOR EACH ROW
        WHEN ((OLD.cpf, OLD.name, OLD.birth_date, OLD.mother_name, OLD.sex)
              IS DISTINCT FROM (NEW.cpf, NEW.name, NEW.birth_date, NEW.mother_name, NEW.sex))
        EXECUTE FUNCTION person_forgets_answers();
"""
REMEMBER = "DROP TRIGGER person_forgets_answers ON beneficiaries_person; DROP FUNCTION person_forgets_answers();"


def _fact(name: str, length: int) -> migrations.AddField:
    field = models.CharField(blank=True, db_default="", default="", editable=False, max_length=length)
    return migrations.AddField("person", name, field)


class Migration(migrations.Migration):
    dependencies = [("beneficiaries", "0009_fold_name"), ("operators", "0007_card_policy")]
    operations = [
        _fact("cns_answer", 20),
        _fact("cns_question", 20),
        _fact("cns_refusal", 20),
        _fact("cns_refusal_source", 8),
        _fact("cns_refused_number", 15),
        migrations.RunSQL(FACTS, LAST_WORD),
        migrations.RemoveField("person", "cns_pending"),
        migrations.AddIndex(
            "person",
            models.Index(condition=~models.Q(cns_refusal=""), fields=["operator"], name="person_refused"),
        ),
        migrations.RunSQL(FORGET, REMEMBER),
    ]
