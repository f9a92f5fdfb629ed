package dev.hearth.gateway.app;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;

/** Self-signed certificates, made by the JDK's keytool, in PEM files. */
final class TestCertificate {
    private static final char[] PASSWORD = "password".toCharArray();

    private TestCertificate() {}

    /** Writes {@code NAME.pem} and {@code NAME.key} for a host. */
    static void write(Path directory, String name, String host) throws Exception {
        Path store = Files.createTempDirectory(directory, "store").resolve("store.p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
                                "-genkeypair",
                                "-keystore",
                                store.toString(),
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                new String(PASSWORD),
                                "-alias",
                                "test",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=" + host,
                                "-ext",
                                "SAN=dns:" + host)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        if (keytool.waitFor() != 0) {
            throw new AssertionError("keytool failed");
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        Files.writeString(
                directory.resolve(name + ".key"),
                pem("PRIVATE KEY", keys.getKey("test", PASSWORD).getEncoded()));
        Files.writeString(
                directory.resolve(name + ".pem"),
                pem("CERTIFICATE", keys.getCertificate("test").getEncoded()));
    }

    private static String pem(String what, byte[] content) {
        return "-----BEGIN "
                + what
                + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)
                + "\n-----END "
                + what
                + "-----\n";
    }
}
