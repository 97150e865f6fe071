package dev.docs.application;

import dev.docs.domain.Caller;
import dev.docs.domain.DocumentAccessException;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentStatusException;
import dev.docs.domain.DocumentValidationException;
import dev.docs.domain.LinkKey;
import dev.docs.domain.LinkKeyRepository;
import org.jspecify.annotations.Nullable;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Links that let everybody in who has them, to content or to a zip file, for a time. A link is signed and says all there is to
 * it, so none is on record. It acts for its maker: what they may not read any more, it does not lead to; nor to what is
 * archived, purged or without content. That is decided each time it is followed.
 */
public final class Links {
    /** How long a link can be good for. */
    public static final Duration LONGEST = Duration.ofDays(7);

    /** The most documents that a link to a zip file can name: the link has to fit into a request's first line. */
    public static final int MAX_ZIP = LinkToken.MAX_IDS;

    private final LinkKeyRepository keys;
    private final DocumentService documents;
    private final Predicate<String> administrators;
    private final Clock clock;
    private final Ids ids;
    private final SecureRandom random = new SecureRandom();

    /**
     * @param administrators whether a user who was an administrator when a link was made, and acts as one through it, still is
     */
    public Links(LinkKeyRepository keys, DocumentService documents, Predicate<String> administrators, Clock clock) {
        this.keys = keys;
        this.documents = documents;
        this.administrators = administrators;
        this.clock = clock;
        ids = new Ids(clock);
    }

    /** @param token what stands for it in a URL; as secret as what it leads to */
    public record Issued(String token, Instant expiresAt) {}

    /**
     * A link that is one, to be followed.
     *
     * @param isZip whether it leads to a zip file, and not to one document's content
     * @param inline whether content is to be shown, and not saved
     */
    public record Link(Caller maker, boolean isZip, boolean inline, int version, List<UUID> ids, boolean isExpired) {}

    /**
     * A link to a document's content.
     *
     * @param version null for the one that is current when it is followed
     * @param lifetime 1 second to {@link #LONGEST}
     * @throws DocumentStatusException if the document is not active
     */
    public Issued toContent(Caller caller, UUID id, @Nullable Integer version, boolean inline, Duration lifetime) {
        if (version == null) {
            documents.content(caller, id);
        } else {
            documents.content(caller, id, version);
        }
        requireActive(caller, List.of(id));
        return issue(caller, lifetime, inline, false, version == null ? 0 : version, List.of(id));
    }

    /**
     * A link to a zip file of what these documents are when it is followed.
     *
     * @param documentIds 1 to {@value LinkToken#MAX_IDS}, each once
     */
    public Issued toZip(Caller caller, List<UUID> documentIds, Duration lifetime) {
        if (documentIds.size() > MAX_ZIP) {
            throw new DocumentValidationException(
                    "ids", "may name " + MAX_ZIP + " documents for a link", (long) MAX_ZIP);
        }
        documents.zip(caller, documentIds);
        requireActive(caller, documentIds);
        return issue(caller, lifetime, false, true, 0, documentIds);
    }

    /** Ends all links that a user has made. */
    public void end(Caller caller, String userId) {
        if (!caller.administrator() && !caller.userId().equals(userId)) {
            throw new DocumentAccessException("only administrators may act for another user");
        }
        keys.remove(userId);
    }

    /**
     * What a token says, if somebody who may have made it has.
     *
     * @throws DocumentNotFoundException if not: forged, or of a user or a key that is gone
     */
    public Link open(String token) {
        LinkToken said = LinkToken.parse(token);
        LinkKey key = said == null ? null : keys.find(said.keyId()).orElse(null);
        if (said == null || key == null || !said.isSigned(token, key.secret())) {
            throw missing();
        }
        boolean administrator = said.administrator() && administrators.test(key.userId());
        Caller maker = new Caller(key.userId(), administrator);
        boolean expired = !clock.instant().isBefore(said.expiresAt());
        return new Link(maker, said.zip(), said.inline(), said.version(), said.ids(), expired);
    }

    /** @throws DocumentNotFoundException if it leads nowhere any more */
    public OpenContent content(Link link) {
        return follow(link, () -> {
            UUID id = link.ids().get(0);
            return link.version() == 0
                    ? documents.content(link.maker(), id)
                    : documents.content(link.maker(), id, link.version());
        });
    }

    /** @throws DocumentNotFoundException if it leads nowhere any more, be it one of its documents */
    public OpenZip zip(Link link) {
        return follow(link, () -> documents.zip(link.maker(), link.ids()));
    }

    private <T> T follow(Link link, Supplier<T> target) {
        if (link.isExpired()) {
            throw missing();
        }
        try {
            requireActive(link.maker(), link.ids());
            return target.get();
        } catch (DocumentNotFoundException | DocumentStatusException e) {
            // one answer for whoever has a link, and no word on why
            throw missing();
        }
    }

    private void requireActive(Caller caller, List<UUID> documentIds) {
        for (UUID id : documentIds) {
            DocumentData document = documents.get(caller, id);
            if (document.status() != DocumentStatus.ACTIVE) {
                throw new DocumentStatusException(id, document.status(), document.status());
            }
        }
    }

    private Issued issue(
            Caller caller, Duration lifetime, boolean inline, boolean zip, int version, List<UUID> documentIds) {
        if (lifetime.toSeconds() < 1 || lifetime.compareTo(LONGEST) > 0) {
            throw new DocumentValidationException(
                    "expires_in", "must be 1 to " + LONGEST.toSeconds() + " seconds", LONGEST.toSeconds());
        }
        byte[] bits = new byte[32];
        random.nextBytes(bits);
        UUID id = ids.next();
        LinkKey key = keys.keep(new LinkKey(id, caller.userId(), HexFormat.of().formatHex(bits), Ids.time(id)));
        Instant expires = clock.instant().plus(lifetime).truncatedTo(ChronoUnit.SECONDS);
        LinkToken token = new LinkToken(key.id(), expires, caller.administrator(), inline, zip, version, documentIds);
        return new Issued(token.signed(key.secret()), expires);
    }

    private static DocumentNotFoundException missing() {
        return new DocumentNotFoundException("link");
    }
}
