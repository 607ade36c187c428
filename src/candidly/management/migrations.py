"""What the database has of the tables that this version needs."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def missing_migrations() -> list[str]:
    """Names of the migrations that `candidly migrate` would run. Raises DatabaseError when nothing answers."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label} {migration.name}" for migration, _ in plan]


def applied_migrations() -> list[str]:
    """Names of those that were run; none where there are no tables."""
    return sorted(f"{app} {name}" for app, name in MigrationRecorder(connection).applied_migrations())


def known_migrations() -> set[str]:
    """Names of those that this version can run."""
    return {f"{app} {name}" for app, name in MigrationLoader(None).disk_migrations}
