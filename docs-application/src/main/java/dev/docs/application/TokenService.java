package dev.docs.application;

import dev.docs.domain.ApiToken;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentAccessException;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.DocumentValidationException;
import dev.docs.domain.Sha256;
import dev.docs.domain.TokenRepository;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * API tokens: 256 random bits behind a recognisable prefix. Only a digest is kept, and looking a digest up tells nothing
 * about the secret by its timing. What takes a caller's token decides what that caller may; the rest is for operators. No
 * {@link dev.docs.domain.AccessPolicy} is asked: tokens are the server's own, not documents.
 */
public final class TokenService {
    private static final Logger log = LoggerFactory.getLogger(TokenService.class);
    /** How many tokens of one user there may be before no further ones are made with them. */
    public static final int MOST_PER_USER = 100;

    private static final String START = "docs_";
    private static final int SHOWN = START.length() + 6;
    private static final Duration USE_PRECISION = Duration.ofHours(1);

    private final TokenRepository repository;
    private final Clock clock;
    private final Ids ids;
    private final SecureRandom random = new SecureRandom();

    public TokenService(TokenRepository repository, Clock clock) {
        this.repository = repository;
        this.clock = clock;
        ids = new Ids(clock);
    }

    /**
     * A new token with its secret, which is shown now and never again.
     *
     * @param secret what callers send, {@code docs_} and 43 characters of base64url (RFC 4648)
     */
    public record Issued(ApiToken token, String secret) {}

    /**
     * @param lifetime how long it is valid; null for ever
     */
    public Issued create(String userId, boolean administrator, @Nullable Duration lifetime) {
        Issued issued = draw(
                userId, administrator, lifetime == null ? null : clock.instant().plus(lifetime));
        repository.create(issued.token());
        return issued;
    }

    /**
     * Makes a token for whoever holds another one. It ends no later than that one does.
     *
     * @param maker the caller's
     * @param userId whom the new one stands for; only administrators may name another user than themselves, and
     *     only they may make administrators; null for the caller
     * @param expiresAt null for as long as the caller's own
     * @throws DocumentAccessException if the caller may not, or its token was revoked meanwhile
     * @throws DocumentValidationException if the time is past or after the end of the caller's own token, or the user has
     *     {@value #MOST_PER_USER} tokens, none of them expired
     */
    public Issued create(ApiToken maker, @Nullable String userId, boolean administrator, @Nullable Instant expiresAt) {
        String owner = owner(maker.caller(), userId);
        if (administrator && !maker.administrator()) {
            throw new DocumentAccessException("only an administrator may make an administrator's token");
        }
        Instant now = clock.instant();
        Instant end = maker.expiresAt();
        if (expiresAt != null && !expiresAt.isAfter(now)) {
            throw new DocumentValidationException("expires_at", "must be in the future", null);
        }
        if (expiresAt != null && end != null && expiresAt.isAfter(end)) {
            throw new DocumentValidationException(
                    "expires_at", "must not be after " + end + ", when the token that asks for it expires", null);
        }
        Issued issued = draw(owner, administrator, expiresAt == null ? end : expiresAt);
        return switch (repository.createWith(maker.id(), issued.token(), MOST_PER_USER, now)) {
            case STORED -> issued;
            case MAKER_GONE -> throw new DocumentAccessException("the token that asks was revoked");
            case TOO_MANY ->
                throw new DocumentValidationException(
                        "user_id", "has " + MOST_PER_USER + " tokens already; revoke one", (long) MOST_PER_USER);
        };
    }

    private static String owner(Caller caller, @Nullable String userId) {
        if (userId != null && !userId.equals(caller.userId()) && !caller.administrator()) {
            throw new DocumentAccessException("only an administrator may look after the tokens of others");
        }
        return userId == null ? caller.userId() : userId;
    }

    private Issued draw(String userId, boolean administrator, @Nullable Instant expiresAt) {
        byte[] bits = new byte[32];
        random.nextBytes(bits);
        String secret = START + Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
        UUID id = ids.next();
        Instant now = Ids.time(id);
        ApiToken token = new ApiToken(
                id,
                userId,
                administrator,
                secret.substring(0, SHOWN),
                Sha256.hex(secret),
                now,
                expiresAt == null ? null : expiresAt.truncatedTo(ChronoUnit.MILLIS),
                null);
        return new Issued(token, secret);
    }

    /** Who a secret stands for; empty if it is unknown, revoked or expired. */
    public Optional<Caller> authenticate(String secret) {
        return find(secret).map(ApiToken::caller);
    }

    /** The valid token with this secret. */
    public Optional<ApiToken> find(String secret) {
        if (!secret.startsWith(START)) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        Optional<ApiToken> found = repository.findBySha256(Sha256.hex(secret)).filter(token -> token.isValid(now));
        found.ifPresent(token -> noteUse(token, now));
        return found;
    }

    /** Whether a user has a token now that lets them act as an administrator. */
    public boolean isAdministrator(String userId) {
        Instant now = clock.instant();
        return repository.list(userId, null, Integer.MAX_VALUE).stream()
                .anyMatch(token -> token.administrator() && token.isValid(now));
    }

    private void noteUse(ApiToken token, Instant now) {
        Instant last = token.lastUsedAt();
        if (last != null && !last.plus(USE_PRECISION).isBefore(now)) {
            return;
        }
        try {
            repository.used(token.id(), now);
        } catch (DocumentStorageException e) {
            // a database that can't be written now must not keep its readers out
            log.warn("the use of token {} could not be noted: {}", token.id(), e.getMessage());
        }
    }

    /** Whether there is no token at all. */
    public boolean isEmpty() {
        return repository.list(null, null, 1).isEmpty();
    }

    /** All tokens of everybody, oldest first. */
    public List<ApiToken> list() {
        return repository.list(null, null, Integer.MAX_VALUE);
    }

    /**
     * A user's tokens, oldest first.
     *
     * @param userId only administrators may name another user than themselves; null for the caller
     * @param after only those behind this id; null for the first
     * @param limit at most so many
     * @throws DocumentAccessException if the caller may not
     */
    public List<ApiToken> list(Caller caller, @Nullable String userId, @Nullable UUID after, int limit) {
        return repository.list(owner(caller, userId), after, limit);
    }

    /** Ends a token at once. Returns whether there was one. */
    public boolean revoke(UUID id) {
        return repository.revoke(id, null);
    }

    /**
     * Ends a token at once: one of the caller's own, or if that is an administrator, anybody's.
     *
     * @throws DocumentNotFoundException if there is none, or it is somebody else's
     */
    public void revoke(Caller caller, UUID id) {
        if (!repository.revoke(id, caller.administrator() ? null : caller.userId())) {
            throw new DocumentNotFoundException("token");
        }
    }
}
