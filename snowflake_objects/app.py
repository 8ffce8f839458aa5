"""The Streamlit app: its files on a stage, and the object that runs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_snowflake as snowflake

from snowflake_objects.access import ObjectKind
from snowflake_objects.database import AnalyticsDatabase
from snowflake_objects.naming import APP_FOLDER, APP_STAGE, STREAMLIT, Role, SchemaName
from snowflake_objects.roles import grant_on_object
from snowflake_objects.settings import Settings
from snowflake_objects.stage_files import StageFiles, StageFilesArgs

SOURCE_FOLDER = "streamlit_app"
MAIN_FILE = "streamlit_app.py"


@dataclass(frozen=True)
class AppArgs:
    """
    Attributes:
        settings: how to reach Snowflake, for the upload.
        database: where the app lives (in APP).
        warehouse: where its queries run.
        roles: names of the account roles.
        owner_provider: a provider that works as the app's owner, so that the app has that role's rights and no more.
        owner_access: the owner's grants, without which it can create nothing.
    """

    settings: Settings
    database: AnalyticsDatabase
    warehouse: pulumi.Input[str]
    roles: Mapping[Role, pulumi.Input[str]]
    owner_provider: snowflake.Provider
    owner_access: pulumi.Resource


class App(pulumi.ComponentResource):
    """Stage, files and Streamlit object.

    Attributes:
        name: bare name of the Streamlit object.
        stage: bare name of the stage.
    """

    name: pulumi.Output[str]
    stage: pulumi.Output[str]

    def __init__(self, name: str, args: AppArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("customer360:snowflake:App", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        schema = args.database.schemas[SchemaName.APP].name
        stage = _stage(args.database.name, schema, child)
        readable = grant_on_object(
            "app-stage", ObjectKind.APP_FILES, stage.fully_qualified_name, args.roles, _remade_with(stage, self)
        )
        files = StageFiles(
            "app-files",
            StageFilesArgs(
                connection=args.settings.snowflake,
                stage=stage.fully_qualified_name,
                stage_folder=APP_FOLDER,
                source_folder=SOURCE_FOLDER,
            ),
            opts=pulumi.ResourceOptions(parent=self, replace_with=[stage], deleted_with=stage),
        )
        app = snowflake.Streamlit(
            name,
            name=STREAMLIT,
            database=args.database.name,
            schema=schema,
            stage=stage.fully_qualified_name,
            directory_location=APP_FOLDER,
            main_file=MAIN_FILE,
            query_warehouse=args.warehouse,
            title="Customer 360",
            comment="Segments, churn, campaigns and one page per customer",
            opts=pulumi.ResourceOptions(
                parent=self,
                provider=args.owner_provider,
                # Nothing to run before the files are there; nothing to create before the owner may.
                depends_on=[files, *readable, args.owner_access],
                replace_with=[stage],
            ),
        )
        grant_on_object("app", ObjectKind.STREAMLIT, app.fully_qualified_name, args.roles, _remade_with(app, self))
        self.name, self.stage = app.name, stage.name
        self.register_outputs({"name": self.name, "stage": self.stage})


def _remade_with(granted: pulumi.Resource, parent: pulumi.Resource) -> pulumi.ResourceOptions:
    """An object made again has lost its grants."""
    return pulumi.ResourceOptions(parent=parent, replace_with=[granted])


def _stage(
    database: pulumi.Input[str], schema: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> snowflake.StageInternal:
    """An internal stage encrypted on the server: Streamlit cannot read files that the client encrypted."""
    return snowflake.StageInternal(
        "app-stage",
        name=APP_STAGE,
        database=database,
        schema=schema,
        encryption=snowflake.StageInternalEncryptionArgs(
            snowflake_sse=snowflake.StageInternalEncryptionSnowflakeSseArgs()  # type: ignore[no-untyped-call]  # the SDK's
        ),
        directory=snowflake.StageInternalDirectoryArgs(enable=True),
        comment="The app's files, uploaded by the same program",
        opts=opts,
    )
