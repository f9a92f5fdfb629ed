package dev.hearth.manifests;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The level "restricted" of Kubernetes' Pod Security Standards, for pods of Linux: what of a pod is
 * beyond it. Where the standard lets a field be set for the pod or for each container, the
 * container's word counts.
 */
final class Restricted {
    private static final Set<String> SECCOMP = Set.of("RuntimeDefault", "Localhost");

    private final List<String> violations = new ArrayList<>();
    private final PodSpec pod;

    private Restricted(PodSpec pod) {
        this.pod = pod;
    }

    /** One name for each rule that the pod breaks; empty for one that keeps to all. */
    static List<String> violations(PodSpec pod) {
        Restricted check = new Restricted(pod);
        check.host();
        pod.getVolumes().forEach(check::volume);
        Stream.of(pod.getContainers(), pod.getInitContainers())
                .flatMap(List::stream)
                .forEach(check::container);
        return check.violations;
    }

    private void host() {
        forbid(isTrue(pod.getHostNetwork()), "hostNetwork");
        forbid(isTrue(pod.getHostPID()), "hostPID");
        forbid(isTrue(pod.getHostIPC()), "hostIPC");
        PodSecurityContext context = pod.getSecurityContext();
        forbid(context != null && !context.getSysctls().isEmpty(), "sysctls");
    }

    private void volume(Volume volume) {
        boolean allowed =
                volume.getConfigMap() != null
                        || volume.getCsi() != null
                        || volume.getDownwardAPI() != null
                        || volume.getEmptyDir() != null
                        || volume.getEphemeral() != null
                        || volume.getPersistentVolumeClaim() != null
                        || volume.getProjected() != null
                        || volume.getSecret() != null;
        forbid(!allowed, "volume " + volume.getName());
    }

    private void container(Container container) {
        SecurityContext own =
                Optional.ofNullable(container.getSecurityContext()).orElseGet(SecurityContext::new);
        forbid(isTrue(own.getPrivileged()), "privileged");
        forbid(!isFalse(own.getAllowPrivilegeEscalation()), "allowPrivilegeEscalation");
        capabilities(own);
        forbid(own.getProcMount() != null, "procMount");
        forbid(
                !isTrue(either(own.getRunAsNonRoot(), PodSecurityContext::getRunAsNonRoot)),
                "runAsNonRoot");
        Long user = either(own.getRunAsUser(), PodSecurityContext::getRunAsUser);
        forbid(user != null && user == 0, "runAsUser");
        var seccomp = either(own.getSeccompProfile(), PodSecurityContext::getSeccompProfile);
        forbid(seccomp == null || !SECCOMP.contains(seccomp.getType()), "seccompProfile");
        for (ContainerPort port : container.getPorts()) {
            forbid(port.getHostPort() != null, "hostPort " + port.getHostPort());
        }
    }

    private void capabilities(SecurityContext own) {
        boolean drops =
                own.getCapabilities() != null && own.getCapabilities().getDrop().contains("ALL");
        boolean adds =
                own.getCapabilities() != null
                        && !Set.of("NET_BIND_SERVICE").containsAll(own.getCapabilities().getAdd());
        forbid(!drops || adds, "capabilities");
    }

    /** The container's, or else the pod's, or else null. */
    private <T> T either(T own, Function<PodSecurityContext, T> ofPod) {
        PodSecurityContext context = pod.getSecurityContext();
        return own != null || context == null ? own : ofPod.apply(context);
    }

    private static boolean isTrue(Boolean value) {
        return Boolean.TRUE.equals(value);
    }

    private static boolean isFalse(Boolean value) {
        return Boolean.FALSE.equals(value);
    }

    private void forbid(boolean broken, String rule) {
        if (broken) {
            violations.add(rule);
        }
    }
}
