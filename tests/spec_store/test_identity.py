"""The text of the id; what a store makes of it stands in test_store_id.py."""

import uuid

import pytest

from spec_store.identity import format_id_text, parse_id_text

ID = uuid.UUID("0f3c1f4e-5d0a-4b7e-9a51-2c1f6a1b7d90")


def test_the_text_is_one_line_of_the_prefix_and_the_uuid():
    assert format_id_text(ID) == "store_backend_id = 0f3c1f4e-5d0a-4b7e-9a51-2c1f6a1b7d90\n"


@pytest.mark.parametrize(
    "text",
    [
        format_id_text(ID),
        f"store_backend_id = {ID}",
        f"store_backend_id = {ID}\r\n",
        f" \n store_backend_id =  {ID} \t\n\n",
        f"store_backend_id = {str(ID).upper()}\n",
        f"store_backend_id = {ID.hex}",
        f"store_backend_id = {{{ID}}}",
        f"store_backend_id = {ID.urn}",
    ],
)
def test_texts_that_others_wrote_are_read(text):
    assert parse_id_text(text) == ID


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        str(ID),
        "store_backend_id = ",
        "store_backend_id = \n",
        f"store_backend_id={ID}",
        f"Store_Backend_Id = {ID}",
        f"# store_backend_id = {ID}",
        f"store_backend_id = {ID} {ID}",
        f"store_backend_id = {ID}\nanother line",
        "store_backend_id = not-a-uuid",
        f"store_backend_id = {str(ID)[:-1]}",
        f"store_backend_id = {ID}".encode(),
        ID,
        None,
    ],
)
def test_anything_else_is_a_value_error(text):
    with pytest.raises(ValueError):
        parse_id_text(text)
