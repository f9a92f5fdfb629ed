package dev.hearth.gateway.cloudrun;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.hearth.contracts.HearthException;
import java.util.Set;

/** What is said about a field that cannot be had: nothing is passed over in silence. */
final class Sent {
    private Sent() {}

    /**
     * Throws INVALID {@code unsupported-field} for a field that is set and not among these.
     *
     * @param path of the message
     * @param names as JSON has them
     */
    static void only(String path, Message message, Set<String> names) {
        for (FieldDescriptor field : message.getAllFields().keySet()) {
            if (!names.contains(field.getJsonName())) {
                throw unsupported(path + "." + field.getJsonName(), "is not supported");
            }
        }
    }

    /** INVALID {@code unsupported-field}: it cannot be as it is. */
    static HearthException unsupported(String path, String why) {
        return HearthException.invalid("unsupported-field", path + " " + why + "; leave it out");
    }

    /** INVALID {@code invalid-field}: it has to be otherwise. */
    static HearthException wrong(String path, String why) {
        return HearthException.invalid("invalid-field", path + " " + why);
    }
}
