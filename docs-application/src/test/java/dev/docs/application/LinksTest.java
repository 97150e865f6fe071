package dev.docs.application;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.conformance.InMemoryLinkKeyRepository;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStatus;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

final class LinksTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final House house = new House();
    private final Set<String> administrators = new HashSet<>(Set.of("root"));
    private final InMemoryLinkKeyRepository keys = new InMemoryLinkKeyRepository(house.rows);
    private final Links links = new Links(keys, house.documents, administrators::contains, house.clock);
    private final DocumentData document = house.create("a", House.SMALL);

    private byte[] follow(String token) {
        return TestContent.read(links.content(links.open(token)));
    }

    private String link(Caller caller) {
        return links.toContent(caller, document.id(), null, false, HOUR).token();
    }

    private void leadsNowhere(String token) {
        assertThat(House.kind(() -> follow(token))).isEqualTo(Kind.NOT_FOUND);
        assertThat(House.failure(() -> follow(token))).hasMessage("no such link");
    }

    @Test
    void leadsToTheCurrentContentOrToTheVersionItNames() {
        String current = link(House.ANN);
        String first = links.toContent(House.ANN, document.id(), 1, true, HOUR).token();
        byte[] before = follow(current);

        DocumentData replaced = house.replace(document, TestContent.known(House.LARGE));

        assertThat(follow(current)).isEqualTo(house.bytesOf(replaced)).isNotEqualTo(before);
        assertThat(follow(first)).isEqualTo(before);
        assertThat(links.open(first).inline()).isTrue();
        assertThat(links.open(current).inline()).isFalse();
    }

    @Test
    void leadsToAZipFile() throws Exception {
        DocumentData other = house.create("b", House.LARGE);
        Links.Link link = links.open(
                links.toZip(House.ANN, List.of(document.id(), other.id()), HOUR).token());

        assertThat(link.isZip()).isTrue();
        ByteArrayOutputStream zip = new ByteArrayOutputStream();
        links.zip(link).writeTo(zip);
        assertThat(zip.size()).isGreaterThan(House.LARGE);

        house.documents.archive(House.ANN, other.id(), Precondition.NONE);
        assertThat(House.kind(() -> links.zip(link))).isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void isForThoseOnlyWhoMayReadThemselves() {
        assertThat(House.kind(() -> link(House.BOB))).isEqualTo(Kind.NOT_FOUND);
        assertThat(House.kind(() -> links.toZip(House.BOB, List.of(document.id()), HOUR)))
                .isEqualTo(Kind.NOT_FOUND);
        assertThat(House.kind(() -> links.toContent(House.ANN, UUID.randomUUID(), null, false, HOUR)))
                .isEqualTo(Kind.NOT_FOUND);
        assertThat(House.kind(() -> links.toContent(House.ANN, document.id(), 2, false, HOUR)))
                .isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void isToActiveDocumentsOnly() {
        for (DocumentStatus status : List.of(DocumentStatus.PENDING, DocumentStatus.ARCHIVED, DocumentStatus.ERROR)) {
            UUID id = house.in(status).id();
            assertThat(House.kind(() -> links.toContent(House.ANN, id, null, false, HOUR)))
                    .isEqualTo(Kind.STATUS);
        }
    }

    @Test
    void leadsNowhereWhileTheDocumentIsArchivedAndAfterItIsPurged() {
        String token = link(House.ANN);
        String version =
                links.toContent(House.ANN, document.id(), 1, false, HOUR).token();

        house.documents.archive(House.ANN, document.id(), Precondition.NONE);
        leadsNowhere(token);
        leadsNowhere(version);
        house.documents.restore(House.ANN, document.id(), Precondition.NONE);
        assertThat(follow(token)).hasSize(House.SMALL);
        house.documents.purge(House.ANN, document.id(), Precondition.NONE);
        leadsNowhere(token);
        leadsNowhere(version);
    }

    @Test
    void leadsNowhereOnceItsMakerMayNotReadAnyMore() {
        String token = link(House.ROOT);
        assertThat(follow(token)).hasSize(House.SMALL);

        administrators.clear();
        leadsNowhere(token);
        // who was an administrator still has what is their own
        DocumentData own = house.documents.create(House.ROOT, NewDocument.named("own"), TestContent.known(10));
        assertThat(follow(
                        links.toContent(House.ROOT, own.id(), null, false, HOUR).token()))
                .hasSize(10);
    }

    @Test
    void endsWithItsMaker() {
        String administrators = link(House.ROOT);
        String owners = link(House.ANN);

        house.rows.deleteUser("root");
        leadsNowhere(administrators);
        assertThat(follow(owners)).hasSize(House.SMALL);
        // not even if somebody comes by that name
        link(House.ROOT);
        leadsNowhere(administrators);
        house.rows.deleteUser("ann");
        leadsNowhere(owners);
    }

    @Test
    void endsWhenItsMakerOrAnAdministratorSaysSo() {
        String first = link(House.ANN);
        String others = link(House.ROOT);
        assertThat(House.kind(() -> links.end(House.BOB, "ann"))).isEqualTo(Kind.ACCESS_DENIED);
        assertThat(follow(first)).hasSize(House.SMALL);

        links.end(House.ANN, "ann");
        leadsNowhere(first);
        assertThat(follow(others)).hasSize(House.SMALL);
        String second = link(House.ANN);
        assertThat(follow(second)).hasSize(House.SMALL);
        links.end(House.ROOT, "ann");
        leadsNowhere(second);
    }

    @Test
    void isKnownAsExpiredWhenItsTimeIsOver() {
        Links.Issued link = links.toContent(House.ANN, document.id(), null, false, HOUR);
        assertThat(link.expiresAt()).isEqualTo(house.clock.instant().plus(HOUR));

        house.clock.advance(HOUR.minusSeconds(1));
        assertThat(links.open(link.token()).isExpired()).isFalse();
        house.clock.advance(Duration.ofSeconds(1));
        assertThat(links.open(link.token()).isExpired()).isTrue();
        leadsNowhere(link.token());
    }

    @Test
    void isGoodForALimitedTimeAndALimitedNumberOfDocuments() {
        for (Duration wrong : List.of(Duration.ZERO, Duration.ofMillis(999), Links.LONGEST.plusSeconds(1))) {
            assertThat(House.kind(() -> links.toContent(House.ANN, document.id(), null, false, wrong)))
                    .isEqualTo(Kind.INVALID);
        }
        links.toContent(House.ANN, document.id(), null, false, Links.LONGEST);
        assertThat(House.kind(
                        () -> links.toZip(House.ANN, Collections.nCopies(Links.MAX_ZIP + 1, document.id()), HOUR)))
                .isEqualTo(Kind.INVALID);
        List<UUID> most = new ArrayList<>();
        for (int i = 0; i < Links.MAX_ZIP; i++) {
            most.add(house.create("n" + i, 1).id());
        }
        assertThat(links.toZip(House.ANN, most, HOUR).token()).hasSizeLessThan(2300);
    }

    @Test
    void withAnyBitChangedLeadsNowhere() {
        String token = link(House.ANN);
        byte[] bytes = Base64.getUrlDecoder().decode(token);
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] forged = bytes.clone();
            forged[bit / 8] ^= (byte) (1 << (bit % 8));
            String text = Base64.getUrlEncoder().withoutPadding().encodeToString(forged);
            assertThat(House.kind(() -> links.open(text))).as("bit %s", bit).isEqualTo(Kind.NOT_FOUND);
        }
    }

    @Test
    void isNoLinkInAnyOtherForm() {
        String token = link(House.ANN);
        for (String text : List.of(
                "",
                "x",
                "A".repeat(104),
                "A".repeat(100_000),
                token.substring(1),
                token.substring(0, token.length() - 1),
                token + "A",
                token + "=",
                token + "==",
                token.toLowerCase(Locale.ROOT),
                " " + token,
                token + "\n",
                "\u00e4" + token.substring(1))) {
            assertThat(House.kind(() -> links.open(text))).as(text).isEqualTo(Kind.NOT_FOUND);
        }
    }

    @Test
    void signedByAnotherUserIsNotTheirs() {
        link(House.ROOT);
        String anns = link(House.ANN);
        LinkToken said = Objects.requireNonNull(LinkToken.parse(anns));
        // all that a user knows: their own key's id is in their links, its secret is not
        LinkToken forged = new LinkToken(said.keyId(), said.expiresAt(), true, false, false, 0, said.ids());
        leadsNowhere(forged.signed("00".repeat(32)));
        assertThat(keys.find(said.keyId()).orElseThrow().toString())
                .doesNotContain(keys.find(said.keyId()).orElseThrow().secret());
    }

    @Test
    void sayAllThatTheyWereMadeOf() {
        LinkToken token = new LinkToken(
                UUID.randomUUID(),
                house.clock.instant(),
                true,
                true,
                true,
                Integer.MAX_VALUE,
                List.of(UUID.randomUUID(), UUID.randomUUID()));
        String text = token.signed("ab".repeat(32));
        assertThat(LinkToken.parse(text)).isEqualTo(token);
        assertThat(token.isSigned(text, "ab".repeat(32))).isTrue();
        assertThat(token.isSigned(text, "ba".repeat(32))).isFalse();
    }
}
