"""A published protocol version never changes: the database itself refuses an UPDATE or DELETE of one."""

from django.db import migrations

POSTGRES = """
CREATE FUNCTION milepost_protocol_version_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a published protocol version never changes: publish a new one' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER protocol_version_is_immutable BEFORE UPDATE OR DELETE ON pathway_protocolversion
  FOR EACH ROW EXECUTE FUNCTION milepost_protocol_version_is_immutable();
"""
POSTGRES_BACK = """
DROP TRIGGER protocol_version_is_immutable ON pathway_protocolversion;
DROP FUNCTION milepost_protocol_version_is_immutable();
"""
SQLITE = [
    f"""CREATE TRIGGER protocol_version_is_immutable_{verb.lower()} BEFORE {verb} ON pathway_protocolversion
BEGIN SELECT RAISE(ABORT, 'a published protocol version never changes: publish a new one'); END"""
    for verb in ("UPDATE", "DELETE")
]
SQLITE_BACK = [f"DROP TRIGGER protocol_version_is_immutable_{verb}" for verb in ("update", "delete")]


def guard(apps, schema_editor):
    run(schema_editor, POSTGRES, SQLITE)


def unguard(apps, schema_editor):
    run(schema_editor, POSTGRES_BACK, SQLITE_BACK)


def run(schema_editor, postgres, sqlite):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(postgres)
    else:
        for statement in sqlite:
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("pathway", "0002_initial")]
    operations = [migrations.RunPython(guard, unguard)]
