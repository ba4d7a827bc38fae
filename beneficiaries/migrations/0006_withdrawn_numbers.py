from django.db import migrations, models

# A number that another one ended is current again where that other one was undone; the two met at one moment.
HISTORY = """
    CREATE OR REPLACE FUNCTION cns_history_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE'
           AND to_jsonb(NEW) - 'ended_at' - 'end_reason' = to_jsonb(OLD) - 'ended_at' - 'end_reason' THEN
            IF OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL THEN
                RETURN NEW;
            END IF;
            IF OLD.end_reason IN ('SUPERSEDED', 'CONFIRMED') AND NEW.ended_at IS NULL AND EXISTS (
                SELECT FROM beneficiaries_cnsnumber undone
                 WHERE undone.person_id = OLD.person_id AND undone.end_reason = 'WITHDRAWN'
                   AND undone.attached_at = OLD.ended_at) THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'a CNS in the history only ends, once' USING ERRCODE = 'restrict_violation';
    END $$;
"""
BEFORE = """
    CREATE OR REPLACE FUNCTION cns_history_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL
           AND to_jsonb(NEW) - 'ended_at' - 'end_reason' = to_jsonb(OLD) - 'ended_at' - 'end_reason' THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'a CNS in the history only ends, once' USING ERRCODE = 'restrict_violation';
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("beneficiaries", "0005_lighter_numbers")]
    operations = [
        migrations.AlterField(
            model_name="cnsnumber",
            name="end_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("SUPERSEDED", "substituído por outro número"),
                    ("CONFIRMED", "confirmado por uma fonte melhor"),
                    ("WITHDRAWN", "desfeito"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="review",
            name="status",
            field=models.CharField(
                choices=[
                    ("OPEN", "aberta"),
                    ("ACCEPTED", "aceita"),
                    ("DISMISSED", "descartada"),
                    ("WITHDRAWN", "retirada"),
                ],
                default="OPEN",
                max_length=9,
            ),
        ),
        migrations.RunSQL(HISTORY, BEFORE),
    ]
