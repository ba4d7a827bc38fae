from django.db import migrations

# What other apps read of a link, its person, plan and contract. Outer joins throughout: PostgreSQL leaves out those of
# which a reader asks nothing (all but that of the number). The company, which hangs on another outer join, comes first: so a reader's join to links
# may be done before all the others, and hash tables stay narrow.
REGISTRY_LINK = """
    CREATE VIEW beneficiaries_registry_link_v1 AS
    SELECT link.id, link.operator_id, link.person_id, link.cco, link.code, link.relationship,
           holder.cco AS holder_cco, link.contracted_on, link.reactivated_on, link.cancelled_on,
           link.cancellation_reason,
           person.cpf, person.name, person.name_key, person.birth_date, person.mother_name, person.sex,
           person.pis_pasep, person.dn, person.street, person.number AS house_number, person.complement,
           person.district, person.city_code, person.postal_code,
           cns.number AS cns, cns.verified AS cns_verified,
           plan.ans_number AS plan_ans_number, plan.operator_code AS plan_operator_code,
           company.cnpj, company.caepf, company.cei
      FROM beneficiaries_beneficiary link
      LEFT JOIN beneficiaries_contract contract ON contract.id = link.contract_id
      LEFT JOIN beneficiaries_company company ON company.id = contract.company_id
      LEFT JOIN beneficiaries_person person ON person.id = link.person_id
      LEFT JOIN beneficiaries_cnsnumber cns ON cns.person_id = link.person_id AND cns.ended_at IS NULL
      LEFT JOIN beneficiaries_beneficiary holder ON holder.id = link.holder_id
      LEFT JOIN beneficiaries_plan plan ON plan.id = link.plan_id
"""
# More than case and Portuguese accents apart; the cheap questions come first. What is alike here is so to
# beneficiaries.domain.names.fold too, which knows more; a test says so. Not STRICT, and with no search_path of its own:
# so it is inlined.
SPELLED_UNLIKE = """
    CREATE FUNCTION is_spelled_unlike(ours text, theirs text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT ours <> theirs AND upper(ours) <> theirs
           AND upper(translate(ours, 'ÁÀÂÃÄÉÈÊËÍÌÎÏÓÒÔÕÖÚÙÛÜÇÑáàâãäéèêëíìîïóòôõöúùûüçñ',
                                     'AAAAAEEEEIIIIOOOOOUUUUCNaaaaaeeeeiiiiooooouuuucn'))
            <> upper(translate(theirs, 'ÁÀÂÃÄÉÈÊËÍÌÎÏÓÒÔÕÖÚÙÛÜÇÑáàâãäéèêëíìîïóòôõöúùûüçñ',
                                       'AAAAAEEEEIIIIOOOOOUUUUCNaaaaaeeeeiiiiooooouuuucn'))
    $$
"""
# As beneficiaries.domain.field_comparison.FieldComparison.as_json writes two equal values, or two of which one is blank.
# Text that becomes JSON at the end takes PostgreSQL a third of the time of jsonb_build_object.
COMPARED_FIELD = """
    CREATE FUNCTION compared_field(field text, ours text, theirs text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT '{"field": "' || field || '", '
            || CASE WHEN ours = theirs THEN '"both": ' || to_json(ours)::text
                    ELSE '"ours": ' || to_json(ours)::text || ', "theirs": ' || to_json(theirs)::text || ', "agreement": "'
                         || CASE WHEN ours = '' OR theirs = '' THEN 'UNKNOWN' ELSE 'EQUAL' END || '"' END
            || '}'
    $$
"""


class Migration(migrations.Migration):
    dependencies = [("beneficiaries", "0015_cpf_and_particles")]
    operations = [
        migrations.RunSQL(REGISTRY_LINK, "DROP VIEW beneficiaries_registry_link_v1"),
        migrations.RunSQL(SPELLED_UNLIKE, "DROP FUNCTION is_spelled_unlike(text, text)"),
        migrations.RunSQL(COMPARED_FIELD, "DROP FUNCTION compared_field(text, text, text)"),
    ]
