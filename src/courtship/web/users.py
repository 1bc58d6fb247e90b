"""Who may sign in to the pages, where these can be reached from other machines."""

from __future__ import annotations

from pathlib import Path

from courtship.errors import NotAllowed


def add_user(home: Path, name: str, password: str) -> bool:
    """Lets ``name`` sign in with ``password``; answers whether the user is new (else the password is).

    Raises NotAllowed for a name that is none and for a password that the settings' validators refuse.
    """
    from courtship.store.opening import open_home, set_up

    set_up()
    open_home(home, users=True)
    from django.contrib.auth import get_user_model
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    if not name.strip() or len(name) > 150:
        raise NotAllowed("a user needs a name of up to 150 characters")
    try:
        validate_password(password)
    except ValidationError as error:
        raise NotAllowed(" ".join(error.messages)) from None
    model = get_user_model()
    user, new = model.objects.get_or_create(username=name.strip())
    user.set_password(password)
    user.save()
    return new
