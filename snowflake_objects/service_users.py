"""Users of services: key pairs alone, one role each, and only from where the network settings say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_snowflake as snowflake

from snowflake_objects.access import ROLE_ACCESS
from snowflake_objects.naming import Names, Role
from snowflake_objects.sections import NetworkSettings, ServiceUserKeys, ServiceUsersSettings


@dataclass(frozen=True)
class ServiceUsersArgs:
    """
    Attributes:
        names: makes the names.
        enabled: whether there are service users.
        keys: their public keys.
        network: from where they may connect.
        roles: names of the account roles.
    """

    names: Names
    enabled: bool
    keys: ServiceUsersSettings
    network: NetworkSettings
    roles: Mapping[Role, pulumi.Input[str]]


class ServiceUsers(pulumi.ComponentResource):
    """One user for each service that logs in. A user of type SERVICE cannot have a password.

    https://docs.snowflake.com/en/user-guide/admin-user-management#types-of-users
    """

    def __init__(self, name: str, args: ServiceUsersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("customer360:snowflake:ServiceUsers", name, None, opts)
        if args.enabled:
            child = pulumi.ResourceOptions(parent=self)
            policy = _network_policy(args, child)
            by_role = {
                Role.LOADER: args.keys.loader,
                Role.TRANSFORMER: args.keys.transformer,
                Role.REPORTER: args.keys.reporter,
            }
            for role, keys in by_role.items():
                _user(role, keys, policy, args, child)
        self.register_outputs({})


def _network_policy(args: ServiceUsersArgs, opts: pulumi.ResourceOptions) -> snowflake.NetworkPolicy | None:
    if not args.network.allowed_ips:
        return None
    return snowflake.NetworkPolicy(
        "services-network",
        name=args.names.network_policy,
        allowed_ip_lists=list(args.network.allowed_ips),
        comment="Customer 360: from where services connect",
        opts=opts,
    )


def _user(
    role: Role,
    keys: ServiceUserKeys,
    policy: snowflake.NetworkPolicy | None,
    args: ServiceUsersArgs,
    opts: pulumi.ResourceOptions,
) -> None:
    user = snowflake.ServiceUser(
        f"{role}-user",
        name=args.names.service_user(role),
        default_role=args.roles[role],
        default_warehouse=args.names.warehouse(ROLE_ACCESS[role].warehouses[0]),
        # Its one role is all that it has, whatever else it might be granted.
        default_secondary_roles_option="NONE",
        rsa_public_key=keys.rsa_public_key,
        rsa_public_key2=keys.rsa_public_key_2,
        network_policy=policy.name if policy else None,
        comment=f"Customer 360: {ROLE_ACCESS[role].purpose}",
        opts=opts,
    )
    snowflake.GrantAccountRole(f"{role}-to-its-user", role_name=args.roles[role], user_name=user.name, opts=opts)
