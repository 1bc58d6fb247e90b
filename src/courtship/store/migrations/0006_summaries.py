from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0005_deliveries"),
    ]

    operations = [
        migrations.CreateModel(
            name="SummaryRow",
            fields=[
                ("person", models.TextField(primary_key=True, serialize=False)),
                ("ladder", models.BinaryField()),
                ("cues", models.BinaryField()),
                ("recent", models.BinaryField(null=True)),
                ("gaps", models.BinaryField()),
            ],
            options={"db_table": "store_summary"},
        ),
    ]
