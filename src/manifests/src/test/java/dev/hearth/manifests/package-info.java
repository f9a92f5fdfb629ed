/** Whether the manifests in {@code k8s/} are right, without a cluster. */
@NullMarked
package dev.hearth.manifests;

import org.jspecify.annotations.NullMarked;
