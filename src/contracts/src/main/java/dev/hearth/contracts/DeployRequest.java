package dev.hearth.contracts;

/**
 * What somebody wants to run under a name.
 *
 * @param image {@code host/repo:tag[@digest]}, {@code oci:DIR[:tag]}, {@code oci-archive:FILE} or
 *     {@code docker-archive:FILE}
 */
public record DeployRequest(
        ServiceName service,
        String image,
        ContainerSpec container,
        Resources resources,
        Scaling scaling,
        Egress egress,
        RequestPolicy requests) {
    /** Throws INVALID when the image has no name. */
    public DeployRequest {
        if (image.isBlank() || image.length() > 4096) {
            throw HearthException.invalid("invalid-image", "no image was named; say --image REF");
        }
    }
}
