package dev.hearth.gateway.cloudrun;

import com.google.cloud.run.v2.Service;
import com.google.protobuf.FieldMask;
import com.google.protobuf.util.FieldMaskUtil;
import com.google.protobuf.util.FieldMaskUtil.MergeOptions;

/** Which fields of a service an update is about; see AIP-134. */
final class Masks {
    private static final int MOST_PATHS = 200;
    private static final String ALL = "*";
    private static final MergeOptions REPLACE =
            new MergeOptions()
                    .setReplaceMessageFields(true)
                    .setReplaceRepeatedFields(true)
                    .setReplacePrimitiveFields(true);

    private Masks() {}

    /** Throws INVALID {@code invalid-field} for a path that is none of a service. */
    static void check(FieldMask mask) {
        if (mask.getPathsCount() > MOST_PATHS) {
            throw Sent.wrong("updateMask", "has more than " + MOST_PATHS + " paths");
        }
        for (String path : mask.getPathsList()) {
            boolean known =
                    path.equals(ALL)
                            ? mask.getPathsCount() == 1
                            : FieldMaskUtil.isValid(Service.class, path);
            if (!known) {
                throw Sent.wrong(
                        "updateMask",
                        "has \""
                                + path.substring(0, Math.min(path.length(), 100))
                                + "\", which is no field of a service, or * beside others");
            }
        }
    }

    /** What is sent of these fields over what there is; all of it where no field is named. */
    static Service merged(FieldMask mask, Service sent, Service now) {
        if (mask.getPathsCount() == 0 || mask.getPaths(0).equals(ALL)) {
            return sent;
        }
        Service.Builder merged = now.toBuilder();
        FieldMaskUtil.merge(mask, sent, merged, REPLACE);
        return merged.build();
    }
}
