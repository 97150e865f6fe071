package dev.docs.conformance;

import dev.docs.domain.ByteRange;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentQuery.MetadataCondition;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentStatusException;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.Metadata;
import dev.docs.domain.Page;
import dev.docs.domain.Position;
import dev.docs.domain.Quota;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import dev.docs.domain.Usage;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Does the same random things to several repositories and compares what they answer, step by step: one that differs from
 * {@link InMemoryDocumentRepository} has a fault, or that one has. Everything is made from a seed, ids and times as well.
 *
 * <p>Stays off what the port leaves open: the order of names that mix supplementary characters with others, which of two
 * failures is told when both apply, and what becomes of an upload whose owner was deleted beyond that it can be aborted.
 */
public final class RandomHistories {
    private static final Duration LEASE = Duration.ofHours(6);
    private static final int ALL = 1_000_000;

    /** More than a history has documents, so that one that runs in circles is found too. */
    private static final int MOST_PAGES = 5_000;

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final List<String> NAMES = List.of(
            "a",
            "A",
            "ab",
            "a b",
            "a%",
            "a_b",
            "a\\b",
            "Äpfel",
            "A\u0308pfel",
            "straße",
            "STRASSE",
            "報告",
            "zebra",
            "9",
            "10");
    private static final List<String> PARTS = List.of("a", "A", "%", "_", "\\", "ä", "ss", "告", " ", "0", "nowhere");
    private static final List<String> TYPES = List.of("text/plain", "text/html", "image/png");

    private final long seed;
    private final Random random;
    private final List<DocumentRepository> repositories;
    private final DocumentRepository first;
    private final List<String> owners = new ArrayList<>();
    private final List<UUID> documents = new ArrayList<>();
    private final List<Upload> open = new ArrayList<>();
    private final List<StorageUrl> urls = new ArrayList<>();
    private final List<String> steps = new ArrayList<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    private RandomHistories(long seed, List<DocumentRepository> repositories) {
        this.seed = seed;
        this.random = new Random(seed);
        this.repositories = List.copyOf(repositories);
        this.first = this.repositories.get(0);
        for (int i = 0; i < 3; i++) {
            owners.add("history-" + seed + "-" + i);
        }
    }

    /**
     * Runs one history. The repositories may have other content, but must not have seen the same seed before.
     *
     * @param steps how many; some hundred meet everything
     * @throws AssertionError at the first answer that differs, with the seed and all steps up to it
     */
    public static void compare(long seed, int steps, DocumentRepository... repositories) {
        if (repositories.length < 2) {
            throw new IllegalArgumentException("nothing to compare");
        }
        RandomHistories history = new RandomHistories(seed, Arrays.asList(repositories));
        for (int i = 0; i < steps; i++) {
            history.step();
        }
        history.settle();
    }

    private void step() {
        int choice = random.nextInt(100);
        if (choice < 11) {
            create();
        } else if (choice < 21) {
            stored().ifPresent(this::replace);
        } else if (choice < 33) {
            upload().ifPresent(this::activate);
        } else if (choice < 37) {
            upload().ifPresent(this::extend);
        } else if (choice < 47) {
            publish();
        } else if (choice < 54) {
            stored().ifPresent(this::republish);
        } else if (choice < 59) {
            stored().ifPresent(this::dropVersion);
        } else if (choice < 70) {
            stored().ifPresent(this::update);
        } else if (choice < 73) {
            stored().ifPresent(this::purge);
        } else if (choice < 74) {
            bulk();
        } else if (choice < 80) {
            upload().ifPresent(this::abort);
        } else if (choice < 82) {
            setLimit();
        } else if (choice < 83) {
            deleteOwner();
        } else {
            list();
        }
    }

    // Steps

    private void create() {
        DocumentData document = newDocument();
        Upload upload = upload(document, random.nextInt(5) == 0 ? null : url("main"), random.nextInt(200));
        reserve(document, upload, document, limit());
    }

    private void replace(DocumentData stored) {
        boolean retry = stored.status() == DocumentStatus.ERROR;
        DocumentData next = retry ? stale(stored).retry(tick()) : null;
        StorageUrl url = random.nextInt(6) == 0 ? null : contentUrl(stored);
        Upload upload = upload(stored, url, random.nextInt(100));
        if (next == null || next.revision() == stored.revision() + 1) {
            reserve(stored, upload, next, limit());
        } else if (isUnlimited(stored.userId())) {
            reserve(stored, upload, next, Quota.UNLIMITED);
        }
    }

    private void reserve(DocumentData about, Upload upload, @Nullable DocumentData next, Quota limit) {
        if (changes(about, "reserve " + upload + " with " + next + " within " + limit, repository -> {
            repository.reserve(upload, LEASE, next, limit);
            return "reserved";
        })) {
            open.add(upload);
        }
    }

    private void activate(Upload upload) {
        Optional<DocumentData> stored = first.find(upload.documentId());
        if (stored.isEmpty() || upload.url() == null) {
            return;
        }
        StorageUrl url = upload.url();
        transition(stored.get(), document -> document.publish(content(url), declared(), tick()))
                .ifPresent(next -> {
                    if (changes(next, "activate " + upload.id() + " with " + next, repository -> {
                        repository.activate(upload.id(), next);
                        return "activated";
                    })) {
                        open.remove(upload);
                    }
                });
    }

    private void extend(Upload upload) {
        Optional<DocumentData> stored = first.find(upload.documentId());
        // one without bytes may have ended, and be refused for that as well
        if (stored.isEmpty() || (upload.url() == null && !isUnlimited(upload.userId()))) {
            return;
        }
        long more = random.nextInt(3) * 40L;
        Quota limit = upload.url() == null ? Quota.UNLIMITED : limit();
        changes(stored.get(), "extend " + upload.id() + " by " + more + " within " + limit, repository -> {
            repository.extend(upload.id(), more, LEASE, limit);
            return "extended";
        });
    }

    private void publish() {
        DocumentData before = random.nextBoolean() ? stored().orElseGet(this::newDocument) : newDocument();
        byte[] bytes = new byte[random.nextInt(30)];
        random.nextBytes(bytes);
        Content content = new Content(url("inline"), pick(TYPES), bytes.length, digest());
        Optional<DocumentData> published =
                transition(before, document -> document.publish(content, declared(), tick()));
        if (published.isEmpty()) {
            return;
        }
        DocumentData next = published.get();
        boolean isLate = next.revision() != before.revision() + 1;
        if (isLate && !isUnlimited(next.userId())) {
            return;
        }
        Quota limit = isLate ? Quota.UNLIMITED : limit();
        changes(next, "publish " + next + " within " + limit, repository -> {
            repository.publish(next, ByteBuffer.wrap(bytes), limit);
            return read(repository, content.url(), bytes.length);
        });
    }

    private void republish(DocumentData stored) {
        DocumentVersion older = version(stored);
        if (older == null || older.number() == stored.version()) {
            return;
        }
        // now and then it is looked for where it is not
        int from = random.nextInt(8) > 0 ? older.number() : 1 + random.nextInt(stored.version() + 1);
        transition(stored, document -> document.republish(older, tick())).ifPresent(next -> {
            boolean isLate = next.revision() != stored.revision() + 1;
            if (isUnlimited(next.userId()) || (!isLate && from == older.number())) {
                Quota limit = isLate || from != older.number() ? Quota.UNLIMITED : limit();
                changes(next, "republish " + from + " as " + next + " within " + limit, repository -> {
                    repository.republish(next, from, limit);
                    return repository.version(next.id(), next.version());
                });
            }
        });
    }

    private void dropVersion(DocumentData stored) {
        DocumentVersion version = random.nextInt(8) == 0 ? null : version(stored);
        int number = version == null ? stored.version() + 1 : version.number();
        boolean atRevision = random.nextBoolean();
        long revision = stale(stored).revision();
        changes(
                stored,
                "drop version " + number + " of " + stored.id() + (atRevision ? " at " + revision : ""),
                repository -> atRevision
                        ? repository.dropVersion(stored.id(), number, revision)
                        : repository.dropVersion(stored.id(), number));
    }

    private @Nullable DocumentVersion version(DocumentData stored) {
        List<DocumentVersion> versions = first.versions(stored.id(), Integer.MAX_VALUE, ALL);
        return versions.isEmpty() ? null : pick(versions);
    }

    private void update(DocumentData stored) {
        Function<DocumentData, DocumentData> change = switch (random.nextInt(6)) {
            case 0 -> document -> document.archive(tick());
            case 1 -> document -> document.restore(tick());
            case 2 -> document -> document.fail("reason " + pick(NAMES), tick());
            case 3 -> document -> document.verified(tick());
            default -> document -> document.describe(pick(NAMES), metadata(), tick());
        };
        transition(stored, change)
                .ifPresent(next -> changes(next, "update to " + next, repository -> {
                    repository.update(next);
                    return "updated";
                }));
    }

    private void purge(DocumentData stored) {
        long revision = stale(stored).revision();
        changes(stored, "purge " + stored.id() + " at " + revision, repository -> {
            repository.purge(stored.id(), revision);
            return "purged";
        });
    }

    private record Bulk(Object answer, List<Optional<DocumentData>> documents, List<Usage> usages) {}

    /** Some documents at once, those of several owners and some too late. */
    private void bulk() {
        Map<UUID, DocumentData> some = new HashMap<>();
        for (int i = random.nextInt(6); i >= 0; i--) {
            stored().ifPresent(document -> some.put(document.id(), document));
        }
        boolean purges = random.nextInt(4) == 0;
        List<DocumentData> chosen = new ArrayList<>();
        for (DocumentData document : some.values()) {
            if (purges) {
                chosen.add(stale(document));
            } else {
                boolean archives = random.nextBoolean();
                transition(
                                document,
                                each -> archives
                                        ? each.archive(tick())
                                        : each.describe(pick(NAMES), metadata(), tick()))
                        .ifPresent(chosen::add);
            }
        }
        same((purges ? "purge all of " : "update all to ") + chosen, repository -> {
            Object answer =
                    answer(repository, each -> purges ? each.purgeAll(chosen, null) : each.updateAll(chosen, null));
            return new Bulk(
                    answer,
                    some.keySet().stream().map(repository::find).toList(),
                    owners.stream().map(repository::usage).toList());
        });
    }

    private void abort(Upload upload) {
        String reason = random.nextBoolean() ? null : "given up";
        boolean expires = random.nextBoolean();
        Instant settled = tick();
        open.remove(upload);
        same((expires ? "expire, " : "") + "claim and abort " + upload.id() + " for " + reason, repository -> {
            boolean claimed;
            if (expires) {
                repository.expire(upload.id());
                claimed = repository.claimExpired(Duration.ZERO, ALL).stream()
                        .anyMatch(each -> each.id().equals(upload.id()));
            } else {
                claimed = repository.claim(upload.id());
            }
            Object fenced = answer(repository, each -> {
                each.extend(upload.id(), 0, LEASE, Quota.UNLIMITED);
                return "extended";
            });
            Optional<DocumentData> before = repository.find(upload.documentId());
            repository.abort(upload, reason);
            // a failure has the time of the repository's own clock, which would differ
            return Arrays.asList(
                    claimed,
                    fenced,
                    repository
                            .find(upload.documentId())
                            .map(after ->
                                    after.equals(before.orElse(null)) ? after : retimed(repository, after, settled)),
                    repository.usage(upload.userId()));
        });
    }

    private static DocumentData retimed(DocumentRepository repository, DocumentData document, Instant time) {
        DocumentData next = document.describe(document.name(), document.metadata(), time);
        repository.update(next);
        return next;
    }

    private void setLimit() {
        String owner = pick(owners);
        Long bytes = random.nextInt(3) > 0 ? null : Long.valueOf(random.nextInt(1500));
        same("limit " + owner + " to " + bytes, repository -> {
            repository.setQuota(owner, own -> own.withBytes(bytes));
            return repository.quota(owner);
        });
    }

    private void deleteOwner() {
        String owner = pick(owners);
        boolean known = first.usage(owner).documents().values().stream().anyMatch(count -> count > 0);
        List<UUID> unused = open.stream()
                .filter(upload -> upload.userId().equals(owner) && upload.url() == null)
                .map(Upload::id)
                .toList();
        open.removeIf(upload -> unused.contains(upload.id()));
        same("delete " + owner, repository -> {
            boolean deleted = repository.deleteUser(owner);
            return List.of(!known || deleted, repository.usage(owner), repository.quota(owner));
        });
    }

    private void list() {
        DocumentQuery query = query();
        int size = 1 + random.nextInt(8);
        same("list " + query + " by " + size, repository -> {
            List<Page<DocumentData>> pages = new ArrayList<>();
            @Nullable Position position = null;
            do {
                Page<DocumentData> page = repository.list(query, position, size);
                pages.add(page);
                position = page.next();
            } while (position != null && pages.size() < MOST_PAGES);
            return List.of(pages, repository.count(query, size), repository.count(query, ALL));
        });
    }

    private void settle() {
        for (String owner : owners) {
            same("recount " + owner, repository -> {
                Usage usage = repository.usage(owner);
                if (!usage.equals(repository.recount(owner))) {
                    throw failure(usage + " is not what a recount says: " + repository.recount(owner));
                }
                return usage;
            });
        }
        for (UUID document : documents) {
            same("versions of " + document, repository -> repository.versions(document, Integer.MAX_VALUE, ALL));
        }
        same(
                "inline content",
                repository -> urls.stream()
                        .map(url -> repository.inlineStore().size(url))
                        .toList());
        Instant end = Instant.now().plus(PATIENCE);
        Set<StorageUrl> expected = doomed(first);
        while (repositories.stream().anyMatch(repository -> !doomed(repository).equals(expected))) {
            if (Instant.now().isAfter(end)) {
                same("doomed", this::doomed);
            }
            Thread.onSpinWait();
        }
    }

    private Set<StorageUrl> doomed(DocumentRepository repository) {
        return repository.doomed(Duration.ZERO, ALL).stream()
                .filter(urls::contains)
                .collect(Collectors.toSet());
    }

    // Comparing

    private record Change(Object answer, Optional<DocumentData> document, Usage usage) {}

    /** A step about a document and its owner, both of which are looked at afterwards. Returns whether it was done. */
    private boolean changes(DocumentData document, String step, Function<DocumentRepository, Object> action) {
        Object answer = same(
                step,
                repository -> new Change(
                        answer(repository, action),
                        repository.find(document.id()),
                        repository.usage(document.userId())));
        return !(answer instanceof Change change && change.answer() instanceof DocumentException.Kind);
    }

    private Object same(String step, Function<DocumentRepository, Object> action) {
        steps.add(step);
        List<Object> answers = repositories.stream()
                .map(repository -> answer(repository, action))
                .toList();
        for (int i = 1; i < answers.size(); i++) {
            if (!answers.get(i).equals(answers.get(0))) {
                throw failure(repositories.get(0).getClass().getSimpleName() + " answers " + answers.get(0) + ",\n"
                        + repositories.get(i).getClass().getSimpleName() + " (number " + i + ") answers "
                        + answers.get(i));
            }
        }
        return answers.get(0);
    }

    private static Object answer(DocumentRepository repository, Function<DocumentRepository, Object> action) {
        try {
            return action.apply(repository);
        } catch (DocumentException e) {
            return e.kind();
        }
    }

    private AssertionError failure(String problem) {
        return new AssertionError(
                problem + "\nseed " + seed + ", after " + steps.size() + " steps:\n" + String.join("\n", steps));
    }

    private static Object read(DocumentRepository repository, StorageUrl url, int size) {
        try (var in = Channels.newInputStream(repository.inlineStore().retrieve(url, new ByteRange(0, size)))) {
            return Arrays.toString(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // Values

    /** The document's next revision; now and then one that comes too late. Empty if its status does not allow it. */
    private Optional<DocumentData> transition(DocumentData stored, Function<DocumentData, DocumentData> change) {
        try {
            return Optional.of(change.apply(stale(stored)));
        } catch (DocumentStatusException e) {
            return Optional.empty();
        }
    }

    private DocumentData stale(DocumentData stored) {
        return random.nextInt(8) > 0 ? stored : stored.describe(stored.name(), stored.metadata(), stored.updatedAt());
    }

    private DocumentData newDocument() {
        Instant created = tick();
        UUID id = Ids.uuidV7(created, random);
        documents.add(id);
        return DocumentData.pending(id, pick(owners), pick(NAMES), declared(), metadata(), created);
    }

    private Optional<DocumentData> stored() {
        List<DocumentData> stored =
                documents.stream().map(first::find).flatMap(Optional::stream).toList();
        return stored.isEmpty() ? Optional.empty() : Optional.of(pick(stored));
    }

    private Optional<Upload> upload() {
        return open.isEmpty() ? Optional.empty() : Optional.of(pick(open));
    }

    private Upload upload(DocumentData document, @Nullable StorageUrl url, long bytes) {
        return new Upload(Ids.uuidV7(tick(), random), document.id(), document.userId(), url, bytes);
    }

    /** A fresh address, or now and then that of the document's own content: an old version becomes current again. */
    private StorageUrl contentUrl(DocumentData stored) {
        Content content = stored.content();
        return content != null && random.nextInt(4) == 0 ? content.url() : url("main");
    }

    private StorageUrl url(String store) {
        StorageUrl url = StorageUrl.of(store, Ids.uuidV7(tick(), random));
        urls.add(url);
        return url;
    }

    private Content content(StorageUrl url) {
        return new Content(url, pick(TYPES), random.nextInt(5) * 20L, digest());
    }

    private String digest() {
        return "%064x".formatted(random.nextInt(3));
    }

    private @Nullable String declared() {
        return random.nextInt(3) == 0 ? null : pick(TYPES);
    }

    private Metadata metadata() {
        Map<String, @Nullable Object> values = new HashMap<>();
        if (random.nextBoolean()) {
            values.put("k", random.nextInt(3));
        }
        if (random.nextInt(3) == 0) {
            values.put("list", Arrays.asList("v" + random.nextInt(2), null, Map.of("in", random.nextBoolean())));
        }
        return Metadata.of(values);
    }

    private List<MetadataCondition> conditions() {
        return switch (random.nextInt(8)) {
            case 0 -> List.of(new MetadataCondition("k", "" + random.nextInt(3)));
            case 1 -> List.of(new MetadataCondition("list.in", "true"), new MetadataCondition("k", null));
            case 2 -> List.of(new MetadataCondition("list", random.nextBoolean() ? "v0" : "null"));
            default -> List.of();
        };
    }

    private DocumentQuery query() {
        Set<DocumentStatus> statuses = EnumSet.of(pick(List.of(DocumentStatus.values())));
        for (DocumentStatus status : DocumentStatus.values()) {
            if (random.nextBoolean()) {
                statuses.add(status);
            }
        }
        return DocumentQuery.builder(pick(owners))
                .statuses(statuses)
                .nameContains(random.nextInt(5) == 0 ? pick(PARTS) : null)
                .namePrefix(random.nextInt(5) == 0 ? pick(PARTS) : null)
                .mimeType(random.nextInt(5) == 0 ? pick(List.of("text/*", "text/html", "image/*")) : null)
                .metadata(conditions())
                .createdBetween(bound(), bound())
                .updatedBetween(bound(), bound())
                .sizeBetween(random.nextInt(6) == 0 ? 20L : null, random.nextInt(6) == 0 ? 60L : null)
                .sha256(random.nextInt(8) == 0 ? digest() : null)
                .sort(pick(List.of(DocumentQuery.Sort.values())), random.nextBoolean())
                .build();
    }

    /** Mostly none, else the exact time of something. */
    private @Nullable Instant bound() {
        return random.nextInt(10) > 0
                ? null
                : stored().map(document -> random.nextBoolean() ? document.createdAt() : document.updatedAt())
                        .orElse(null);
    }

    private Quota limit() {
        return random.nextInt(4) == 0 ? Quota.UNLIMITED.withBytes(600) : Quota.UNLIMITED;
    }

    private boolean isUnlimited(String owner) {
        return first.quota(owner).equals(Quota.Own.NONE);
    }

    /** Stands still now and then, so that times are equal. */
    private Instant tick() {
        now = now.plusMillis(random.nextInt(3));
        return now;
    }

    private <T> T pick(List<T> from) {
        return Objects.requireNonNull(from.get(random.nextInt(from.size())));
    }
}
