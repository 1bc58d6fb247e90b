from django.db import migrations, models

import courtship.store.models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0004_connections"),
    ]

    operations = [
        migrations.CreateModel(
            name="NoticeAddress",
            fields=[
                ("name", models.TextField(primary_key=True, serialize=False)),
                ("shown", models.TextField()),
                ("locked", models.TextField()),
                ("added", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", courtship.store.models.Position(primary_key=True, serialize=False)),
                ("key", models.TextField(unique=True)),
                ("event", models.TextField()),
                ("rule", models.TextField()),
                ("address", models.TextField()),
                ("sort", models.TextField()),
                ("person", models.TextField(db_index=True)),
                ("platform", models.TextField()),
                ("record", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("at", models.BigIntegerField()),
                ("before", models.TextField()),
                ("after", models.TextField()),
                ("hours", models.IntegerField()),
                ("gathered", models.SmallIntegerField()),
                ("due", models.BigIntegerField()),
                ("state", models.TextField()),
                ("tries", models.IntegerField(default=0)),
                ("sent_at", models.BigIntegerField(null=True)),
                ("why", models.TextField(default="")),
            ],
            options={"indexes": [models.Index(fields=["state", "due"], name="delivery_due")]},
        ),
        migrations.CreateModel(
            name="Notifying",
            fields=[
                ("id", courtship.store.models.Position(primary_key=True, serialize=False)),
                ("position", models.BigIntegerField()),
                ("holder", models.TextField(default="")),
                ("lease_until", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Reply",
            fields=[
                ("id", courtship.store.models.Position(primary_key=True, serialize=False)),
                ("person", models.TextField(db_index=True)),
                ("account", models.TextField(db_index=True)),
                ("at", models.BigIntegerField(db_index=True)),
                ("kind", models.SmallIntegerField()),
                ("record", models.BigIntegerField()),
                ("waited", models.BigIntegerField()),
            ],
        ),
    ]
