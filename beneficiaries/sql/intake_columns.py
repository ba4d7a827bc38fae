"""Lists of columns and conditions in SQL over ``s``, a row of the operator's file as it was read. Pure text."""

from collections.abc import Iterable, Mapping

from beneficiaries.domain.csv_columns import NULLABLE


def values_of(columns: Iterable[str]) -> str:
    return ", ".join(f's."{column}"' for column in columns)


def has_value(column: str) -> str:
    return f's."{column}" IS NOT NULL' if column in NULLABLE else f"s.\"{column}\" <> ''"


def any_has_value(columns: Iterable[str]) -> str:
    return " OR ".join(map(has_value, columns))


def any_differs(columns: Mapping[str, str], stored: str) -> str:
    """Whether the row tells something that ``stored`` has not: column of the file → field of the registry."""
    return " OR ".join(
        f'({has_value(column)} AND s."{column}" IS DISTINCT FROM {stored}.{name})' for column, name in columns.items()
    )


def as_told_or_before(columns: Mapping[str, str], stored: str) -> str:
    """What an UPDATE sets: each field as the row tells it, or as it was."""
    return ", ".join(
        f'{name} = coalesce(s."{column}", {stored}.{name})'
        if column in NULLABLE
        else f"{name} = coalesce(nullif(s.\"{column}\", ''), {stored}.{name})"
        for column, name in columns.items()
    )
