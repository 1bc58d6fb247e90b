from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0006_summaries"),
    ]

    operations = [
        # the files of before are of another form: they are made anew from the log
        migrations.RunSQL("DELETE FROM store_cachefiles", migrations.RunSQL.noop),
        migrations.RenameField(model_name="cachefiles", old_name="published", new_name="retired"),
    ]
