"""The policy pack: `infra.rules` in Pulumi's terms."""

from pulumi_policy import EnforcementLevel, PolicyPack

from infra.rules.crossguard import policies

PolicyPack("customer360", policies(), EnforcementLevel.MANDATORY)
