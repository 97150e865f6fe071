package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.BOB;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.ROOT;
import static dev.docs.application.House.SMALL;
import static dev.docs.application.House.kind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.AccessPolicy;
import dev.docs.domain.AccessPolicy.Action;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentQuery.MetadataCondition;
import dev.docs.domain.Metadata;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A host's own policy: Ann shares folders, which metadata name. In "team" Bob may write, in "news" he may read. */
final class SharedFoldersTest {
    private final House house = new House();
    private final DocumentService documents = Docs.builder()
            .repository(house.rows)
            .store("main", house.store)
            .limits(House.LIMITS)
            .clock(house.clock)
            .accessPolicy(SharedFoldersTest::permits)
            .build()
            .documents();

    private static boolean permits(Caller caller, Action action, String userId, @Nullable DocumentData document) {
        if (AccessPolicy.ownerOrAdministrator().permits(caller, action, userId, document)) {
            return true;
        }
        if (document == null) {
            return action == Action.WRITE;
        }
        Object folder = document.metadata().values().get("folder");
        return "team".equals(folder) ? action != Action.PURGE : "news".equals(folder) && action == Action.READ;
    }

    private DocumentData in(String folder) {
        return documents.create(ANN, named(folder), TestContent.known(SMALL));
    }

    private static NewDocument named(String folder) {
        return NewDocument.named("a").ownedBy("ann").withMetadata(Metadata.of(Map.of("folder", folder)));
    }

    private static DocumentChanges into(String folder) {
        return DocumentChanges.metadata(old -> old.merge(Map.of("folder", folder)));
    }

    @Test
    void each_document_is_decided_on_by_itself() {
        DocumentData team = in("team");
        DocumentData news = in("news");
        DocumentData mine = in("private");

        assertThat(documents.get(BOB, team.id())).isEqualTo(team);
        assertThat(TestContent.read(documents.content(BOB, news.id()))).hasSize(SMALL);
        assertThat(kind(() -> documents.get(BOB, mine.id()))).isEqualTo(Kind.NOT_FOUND);
        documents.replaceContent(BOB, team.id(), Precondition.NONE, TestContent.unknown(LARGE));
        assertThat(kind(() -> documents.replaceContent(BOB, news.id(), Precondition.NONE, TestContent.untouchable())))
                .isEqualTo(Kind.ACCESS_DENIED);
        assertThat(kind(() -> documents.purge(BOB, team.id(), Precondition.NONE)))
                .isEqualTo(Kind.ACCESS_DENIED);
    }

    @Test
    void a_document_can_be_created_only_where_its_author_may_write() {
        assertThat(documents
                        .create(BOB, named("team"), TestContent.known(SMALL))
                        .userId())
                .isEqualTo("ann");
        for (String folder : List.of("news", "private")) {
            assertThat(kind(() -> documents.create(BOB, named(folder), TestContent.untouchable())))
                    .isEqualTo(Kind.ACCESS_DENIED);
            assertThat(kind(() -> documents.reserve(BOB, named(folder)))).isEqualTo(Kind.ACCESS_DENIED);
        }
        assertThat(house.rows.count(DocumentQuery.of("ann"), 9)).isEqualTo(1);
    }

    @Test
    void a_document_can_be_moved_only_from_and_to_where_its_mover_may_write() {
        DocumentData team = in("team");
        DocumentData mine = in("private");

        for (String folder : List.of("news", "private")) {
            assertThat(kind(() -> documents.change(BOB, team.id(), Precondition.NONE, into(folder))))
                    .isEqualTo(Kind.ACCESS_DENIED);
        }
        assertThat(kind(() -> documents.change(BOB, mine.id(), Precondition.NONE, into("team"))))
                .isEqualTo(Kind.NOT_FOUND);
        assertThat(house.now(team)).isEqualTo(team);

        documents.change(BOB, team.id(), Precondition.NONE, DocumentChanges.name("renamed"));
        documents.change(ANN, team.id(), Precondition.NONE, into("private"));
        assertThat(kind(() -> documents.get(BOB, team.id()))).isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void many_documents_are_moved_each_only_from_and_to_where_their_mover_may_write() {
        DocumentData team = in("team");
        DocumentData news = in("news");
        DocumentData mine = in("private");
        List<UUID> ids = List.of(team.id(), news.id(), mine.id());

        assertThat(moved(BOB, ids, "private")).containsExactly("ACCESS_DENIED", "ACCESS_DENIED", "NOT_FOUND");
        assertThat(documents
                        .preview(BOB, BulkRequest.update(ids, Map.of("folder", "private")))
                        .refused())
                .hasSize(3);
        assertThat(moved(BOB, ids, "team")).containsExactly("UNCHANGED", "ACCESS_DENIED", "NOT_FOUND");
        assertThat(house.rows.findAll(ids)).containsExactly(team, news, mine);

        assertThat(moved(ANN, ids, "team")).containsExactly("UNCHANGED", "DONE", "DONE");
        assertThat(documents.get(BOB, mine.id()).metadata().values()).containsEntry("folder", "team");
    }

    private List<String> moved(Caller caller, List<UUID> ids, String folder) {
        return documents
                .bulk(caller, BulkRequest.update(ids, Map.of("folder", folder)), BulkListener.NONE)
                .items()
                .stream()
                .map(item -> item.refusal() == null
                        ? String.valueOf(item.result())
                        : item.refusal().kind().name())
                .toList();
    }

    @Test
    void lists_are_an_owners_as_a_whole_so_the_host_asks_for_those_of_a_folder_itself() {
        DocumentData team = in("team");
        in("private");
        DocumentQuery ofTeam = DocumentQuery.builder("ann")
                .metadata(List.of(new MetadataCondition("folder", "team")))
                .build();

        assertThat(kind(() -> documents.list(BOB, ofTeam, null, 9))).isEqualTo(Kind.ACCESS_DENIED);
        assertThat(kind(() -> documents.count(BOB, ofTeam, 9))).isEqualTo(Kind.ACCESS_DENIED);
        assertThat(kind(() -> documents.usage(BOB, "ann"))).isEqualTo(Kind.ACCESS_DENIED);
        assertThat(documents.list(ROOT, ofTeam, null, 9).items()).containsExactly(team);
    }
}
