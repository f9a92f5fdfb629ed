package dev.hearth.cli;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.HearthException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The last step of {@code hearth demo}: deploys the sample, calls it cold and warm, says how long
 * each took.
 */
@Command(name = "demo-calls", hidden = true)
final class DemoCommand extends HearthCommand {
    private static final String SERVICE = "hello";
    private static final int WARM_CALLS = 20;
    private static final int TIMEOUT_MILLIS = 60_000;

    @Option(names = "--image", required = true)
    @SuppressWarnings("NullAway.Init")
    private String image;

    private record Call(double millis, String body) {}

    @Override
    public Integer call() throws Exception {
        Client client = client();
        AdminApi.ServiceBody service = client.deploy(AdminApi.Deploy.of(SERVICE, image));
        Call cold = coldCall(client, service);
        cold = coldCall(client, service); // the first one also loads the gateway's own code
        Call warm = get(service.url());
        for (int i = 1; i < WARM_CALLS; i++) {
            warm = get(service.url());
        }
        out().printf("the service says: %s%n", cold.body().strip());
        out().printf(
                        Locale.ROOT,
                        "cold call: %8.2f ms  (a new container was started for it)%n",
                        cold.millis());
        out().printf(Locale.ROOT, "warm call: %8.2f ms%n", warm.millis());
        out().println("It runs on; call it yourself, and stop the platform with ./hearth down");
        out().println(service.url());
        return 0;
    }

    private static Call coldCall(Client client, AdminApi.ServiceBody service) throws IOException {
        client.post("/services/" + SERVICE + "/stop");
        return get(service.url());
    }

    /** From the first byte sent to the first byte back, on a connection that is open already. */
    private static Call get(String url) throws IOException {
        URI uri = URI.create(url);
        try (Socket socket = new Socket()) {
            int port = uri.getPort() < 0 ? 80 : uri.getPort();
            socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            byte[] request =
                    ("GET / HTTP/1.1\r\nHost: "
                                    + uri.getAuthority()
                                    + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII);
            long begun = System.nanoTime();
            socket.getOutputStream().write(request);
            InputStream in = socket.getInputStream();
            int first = in.read();
            double millis = (System.nanoTime() - begun) / 1e6;
            String answer = (char) first + new String(in.readAllBytes(), StandardCharsets.UTF_8);
            int body = answer.indexOf("\r\n\r\n");
            if (!answer.startsWith("HTTP/1.1 200") || body < 0) {
                throw HearthException.invalid("demo-failed", "the service answered: " + answer);
            }
            return new Call(millis, answer.substring(body + 4));
        }
    }
}
