package dev.hearth.runtime.rootfs;

import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.StoredImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Turns an image's USER into numbers, by the image's own passwd and group files. Those are read
 * from the layers without following any symbolic link, so that an image cannot point at the host's.
 */
public final class UserLookup {
    private static final int MOST_FILE_BYTES = 1 << 20;
    private static final int MOST_GROUPS = 32;

    private UserLookup() {}

    /** A user in numbers, with the supplementary groups. */
    public record User(int uid, int gid, List<Integer> groups, String home) {}

    private record Passwd(String name, int uid, int gid, String home) {}

    private record Group(String name, int gid, List<String> members) {}

    /** Throws INVALID {@code unknown-user} when a name is not in the image's files. */
    public static User find(StoredImage image) throws IOException {
        String[] parts = image.config().user().split(":", 2);
        List<Passwd> users = users(image.layers());
        List<Group> groups = groups(image.layers());
        Optional<Passwd> known = find(users, parts[0].isEmpty() ? "0" : parts[0]);
        int uid = known.map(Passwd::uid).orElseGet(() -> number(parts[0], image.config().user()));
        String home = known.map(Passwd::home).orElse("/");
        if (parts.length == 2 && !parts[1].isEmpty()) {
            int gid =
                    groups.stream()
                            .filter(g -> g.name.equals(parts[1]))
                            .map(Group::gid)
                            .findFirst()
                            .orElseGet(() -> number(parts[1], image.config().user()));
            return new User(uid, gid, List.of(), home);
        }
        int gid = known.map(Passwd::gid).orElse(0);
        List<Integer> supplementary =
                known.map(
                                k ->
                                        groups.stream()
                                                .filter(g -> g.members.contains(k.name))
                                                .map(Group::gid)
                                                .limit(MOST_GROUPS)
                                                .toList())
                        .orElse(List.of());
        return new User(uid, gid, supplementary, home);
    }

    private static Optional<Passwd> find(List<Passwd> users, String nameOrId) {
        return users.stream()
                .filter(u -> u.name.equals(nameOrId) || Integer.toString(u.uid).equals(nameOrId))
                .findFirst();
    }

    private static int number(String text, String user) {
        if (text.isEmpty()) {
            return 0;
        }
        try {
            int n = Integer.parseInt(text);
            if (n >= 0) {
                return n;
            }
        } catch (NumberFormatException notANumber) {
            // the same sentence as for a number that is out of range
        }
        throw HearthException.invalid(
                "unknown-user",
                "the image's user \""
                        + user
                        + "\" is neither in its /etc/passwd and /etc/group nor a number;"
                        + " build the image with a user that exists");
    }

    private static List<Passwd> users(List<Path> layers) throws IOException {
        List<Passwd> users = new ArrayList<>();
        for (String[] f : records(layers, "passwd", 7)) {
            try {
                users.add(new Passwd(f[0], id(f[2]), id(f[3]), f[5]));
            } catch (NumberFormatException damagedLine) {
                continue; // as getpwnam(3) does
            }
        }
        return users;
    }

    private static List<Group> groups(List<Path> layers) throws IOException {
        List<Group> groups = new ArrayList<>();
        for (String[] f : records(layers, "group", 4)) {
            try {
                groups.add(new Group(f[0], id(f[2]), List.of(f[3].split(","))));
            } catch (NumberFormatException damagedLine) {
                continue;
            }
        }
        return groups;
    }

    /** Not negative: to setresuid(2), -1 means "as before", which is root. */
    private static int id(String text) {
        int id = Integer.parseInt(text);
        if (id < 0) {
            throw new NumberFormatException(text);
        }
        return id;
    }

    private static List<String[]> records(List<Path> layers, String file, int fields)
            throws IOException {
        List<String[]> records = new ArrayList<>();
        for (int i = layers.size() - 1; i >= 0; i--) {
            Path etc = layers.get(i).resolve("etc");
            Path path = etc.resolve(file);
            if (!Files.exists(etc, LinkOption.NOFOLLOW_LINKS)) {
                continue;
            }
            if (!Files.isDirectory(etc, LinkOption.NOFOLLOW_LINKS)) {
                break; // a whiteout or a link: what lies below is hidden
            }
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                continue;
            }
            if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                    && Files.size(path) <= MOST_FILE_BYTES) {
                for (String line :
                        Files.readString(path, StandardCharsets.ISO_8859_1).split("\n")) {
                    String[] f = line.split(":", -1);
                    if (f.length >= fields && line.indexOf('\0') < 0) {
                        records.add(f);
                    }
                }
            }
            break;
        }
        return records;
    }
}
