package dev.hearth.catalog.store;

import dev.hearth.contracts.ApiToken;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.Role;
import dev.hearth.contracts.TokenPort;
import io.smallrye.mutiny.Uni;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/** The tokens of the admin API in PostgreSQL; see {@link TokenPort}. */
public final class TokenStore {
    private static final String COLUMNS =
            "select name, project, role, created_at, expires_at from tokens ";

    private final Database database;

    public TokenStore(Database database) {
        this.database = database;
    }

    public Uni<Optional<ApiToken>> find(String digest) {
        return database.read(
                session ->
                        session.createNativeQuery(COLUMNS + "where digest = ?1", Object[].class)
                                .setParameter(1, digest)
                                .getSingleResultOrNull()
                                .map(row -> Optional.ofNullable(row).map(TokenStore::token)));
    }

    public Uni<List<ApiToken>> tokens() {
        return database.read(
                session ->
                        session.createNativeQuery(COLUMNS + "order by name", Object[].class)
                                .getResultList()
                                .map(rows -> rows.stream().map(TokenStore::token).toList()));
    }

    private static ApiToken token(Object[] row) {
        return new ApiToken(
                (String) row[0],
                new ProjectName((String) row[1]),
                Role.parse((String) row[2]),
                Columns.instant(row[3]),
                row[4] == null ? Optional.empty() : Optional.of(Columns.instant(row[4])));
    }

    public Uni<Void> create(Caller by, ApiToken token, String digest) {
        return database.as(by)
                .transaction(
                        session ->
                                session.createNativeQuery("select count(*) from tokens", Long.class)
                                        .getSingleResult()
                                        .invoke(TokenStore::checkMost)
                                        .chain(() -> insert(session, token, digest)));
    }

    private static void checkMost(long there) {
        if (there >= TokenPort.MOST) {
            throw new HearthException(
                    ErrorKind.EXHAUSTED,
                    "too-many-tokens",
                    "there are "
                            + there
                            + " tokens, and "
                            + TokenPort.MOST
                            + " are the most; revoke some with `hearth tokens revoke`");
        }
    }

    /** One that expires when it is made is one that never does: nobody else would ask for it. */
    private static Uni<Void> insert(Mutiny.Session session, ApiToken token, String digest) {
        return session.createNativeQuery(
                        """
                        insert into tokens (name, project, role, digest, created_at, expires_at)
                        values (?1, ?2, ?3, ?4, cast(?5 as timestamptz),
                            nullif(cast(?6 as timestamptz), cast(?5 as timestamptz)))
                        on conflict do nothing\
                        """)
                .setParameter(1, token.name())
                .setParameter(2, token.project().value())
                .setParameter(3, token.role().word())
                .setParameter(4, digest)
                .setParameter(5, token.createdAt().atOffset(ZoneOffset.UTC))
                .setParameter(
                        6, token.expiresAt().orElse(token.createdAt()).atOffset(ZoneOffset.UTC))
                .executeUpdate()
                .invoke(
                        added -> {
                            if (added == 0) {
                                throw new HearthException(
                                        ErrorKind.CONFLICT,
                                        "token-exists",
                                        "there is a token \""
                                                + token.name()
                                                + "\" already; revoke it or choose another name");
                            }
                        })
                .replaceWithVoid();
    }

    public Uni<Void> revoke(Caller by, String name) {
        return database.as(by)
                .transaction(
                        session ->
                                session.createNativeQuery("delete from tokens where name = ?1")
                                        .setParameter(1, name)
                                        .executeUpdate()
                                        .invoke(gone -> checkFound(gone, name))
                                        .replaceWithVoid());
    }

    private static void checkFound(int gone, String name) {
        if (gone == 0) {
            throw new HearthException(
                    ErrorKind.NOT_FOUND,
                    "token-not-found",
                    "there is no token \""
                            + name
                            + "\"; `hearth tokens list` shows those there are");
        }
    }
}
