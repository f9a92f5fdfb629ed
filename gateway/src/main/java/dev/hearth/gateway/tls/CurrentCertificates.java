package dev.hearth.gateway.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The certificates that handshakes show now. They can be replaced at any moment: a handshake shows
 * one set or the other and none fails, which Vert.x' own way of updating (4.5: connections that
 * come while it works are dropped) does not give.
 */
public final class CurrentCertificates extends X509ExtendedKeyManager {
    /** A handshake names what it chose by an alias, and may come back for it after a change. */
    private record Generation(long number, List<Certified> all, Optional<Generation> before) {
        Optional<Certified> find(long generation, int index) {
            return generation == number
                    ? Optional.of(all.get(index))
                    : before.flatMap(b -> b.find(generation, index));
        }
    }

    private volatile Generation current;

    /**
     * @param all the first is for clients that name no host, or one that none of them is for
     */
    public CurrentCertificates(List<Certified> all) {
        this.current = new Generation(0, List.copyOf(all), Optional.empty());
    }

    /** From the next handshake on. */
    void replace(List<Certified> all) {
        Generation now = current;
        current =
                new Generation(
                        now.number() + 1,
                        List.copyOf(all),
                        Optional.of(new Generation(now.number(), now.all(), Optional.empty())));
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        Generation now = current;
        // JSSE asks for one kind of key after the other and takes the first answer: a certificate
        // that is not for the host must not be it while one of another kind is
        boolean named = now.all().stream().anyMatch(one -> isNamed(one, engine));
        for (int i = 0; i < now.all().size(); i++) {
            Certified one = now.all().get(i);
            if (isOf(one, keyType) && (!named || isNamed(one, engine))) {
                return now.number() + "." + i;
            }
        }
        return null;
    }

    private static boolean isOf(Certified one, String keyType) {
        return keyType.equals(one.chain().getFirst().getPublicKey().getAlgorithm());
    }

    private static boolean isNamed(Certified one, SSLEngine engine) {
        if (engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
            for (SNIServerName name : session.getRequestedServerNames()) {
                if (name instanceof SNIHostName host && one.isFor(host.getAsciiName())) {
                    return true;
                }
            }
        }
        return false;
    }

    private Optional<Certified> of(String alias) {
        int dot = alias.indexOf('.');
        return current.find(
                Long.parseLong(alias, 0, dot, 10),
                Integer.parseInt(alias, dot + 1, alias.length(), 10));
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        return of(alias).map(c -> c.chain().toArray(X509Certificate[]::new)).orElse(null);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        return of(alias).map(Certified::key).orElse(null);
    }

    // ---- what a server on engines is not asked

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
