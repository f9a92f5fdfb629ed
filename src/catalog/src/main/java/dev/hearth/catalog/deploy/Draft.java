package dev.hearth.catalog.deploy;

import dev.hearth.contracts.DeployRequest.Rollout;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.contracts.RevisionSpec;

/** A revision on its way through a deploy, which may yet fail. */
record Draft(int number, ResolvedImage image, RevisionSpec revision, Rollout rollout) {}
