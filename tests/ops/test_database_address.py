"""How Candidly connects to the database that an address names."""

from candidly.settings import database_of

ADDRESS = "postgresql://candidly:a%20b@db.example:6543/talks?sslmode=require"


def test_an_address_is_taken_apart_and_keeps_its_options() -> None:
    database = database_of(ADDRESS)
    names = ("NAME", "USER", "PASSWORD", "HOST", "PORT")
    assert [database[name] for name in names] == ["talks", "candidly", "a b", "db.example", "6543"]
    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["OPTIONS"]["prepare_threshold"] == 5


def test_a_pooler_may_be_spared_prepared_statements() -> None:
    options = database_of(f"{ADDRESS}&prepared=no")["OPTIONS"]
    assert not {"prepared", "prepare_threshold", "server_side_binding"} & options.keys()
    assert options["sslmode"] == "require"
