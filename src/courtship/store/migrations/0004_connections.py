from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0003_naming"),
    ]

    operations = [
        migrations.CreateModel(
            name="Connection",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False)),
                ("connector", models.TextField()),
                ("title", models.TextField()),
                ("account", models.TextField(default="")),
                ("settings", models.TextField(default="{}")),
                ("secrets", models.TextField(default="")),
                ("cursor", models.TextField(default="{}")),
                ("state", models.TextField(default="on")),
                ("why", models.TextField(default="")),
                ("note", models.TextField(default="")),
                ("until", models.BigIntegerField(default=0)),
                ("failures", models.IntegerField(default=0)),
                ("heard_at", models.BigIntegerField(null=True)),
                ("heard", models.BigIntegerField(default=0)),
                ("lag", models.BigIntegerField(null=True)),
                ("seen_from", models.BigIntegerField(null=True)),
                ("seen_to", models.BigIntegerField(null=True)),
                ("declared_to", models.BigIntegerField(null=True)),
                ("covers", models.TextField(default="[]")),
                ("rate_limit", models.TextField(default="")),
                ("holder", models.TextField(default="")),
                ("lease_until", models.BigIntegerField(default=0)),
                ("edited", models.IntegerField(default=0)),
                ("added", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Hook",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False)),
                ("title", models.TextField()),
                ("digest", models.BinaryField()),
                ("added", models.BigIntegerField(default=0)),
                ("heard_at", models.BigIntegerField(null=True)),
                ("heard", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="HookAnswer",
            fields=[
                ("key", models.BinaryField(primary_key=True, serialize=False)),
                ("body", models.BinaryField()),
                ("answer", models.TextField()),
                ("at", models.BigIntegerField(db_index=True)),
            ],
        ),
    ]
