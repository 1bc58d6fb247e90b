"""Which layers make up the columnar cache is kept beside them, in each home folder (``layers.json``): several
homes on one PostgreSQL took each other's for their own."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0009_single_acts"),
    ]

    operations = [
        migrations.DeleteModel(name="CacheFiles"),
    ]
