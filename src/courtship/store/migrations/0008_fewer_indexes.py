"""The list of people is filtered and sorted in memory (``store/derived/roster.py``); each of these was written again by
every act, or by every newcomer, and read by nothing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0007_layers"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="personrow", name=f"person_{name}")
        for name in ("since", "contact", "count", "followers", "momentum")
    ]
