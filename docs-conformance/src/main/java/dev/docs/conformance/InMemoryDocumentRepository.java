package dev.docs.conformance;

import dev.docs.domain.ApiToken;
import dev.docs.domain.BulkItem;
import dev.docs.domain.BulkStep;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentConflictException;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentKeyException;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentQuotaException;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.LinkKey;
import dev.docs.domain.Page;
import dev.docs.domain.Position;
import dev.docs.domain.Quota;
import dev.docs.domain.Quota.Limit;
import dev.docs.domain.ResumableUpload;
import dev.docs.domain.ResumableUpload.State;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageUrl;
import dev.docs.domain.Upload;
import dev.docs.domain.Usage;
import dev.docs.domain.VersionId;
import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Documents on the heap, for tests: keeps every promise of {@link DocumentRepository} but durability, behind one lock.
 * Looks through everything it has on each call, so it is meant for thousands of documents, not millions. What other
 * adapters do is compared with this one.
 */
public final class InMemoryDocumentRepository implements DocumentRepository {
    /** An upload on record; {@code upload} has the bytes that it has reserved by now. */
    private record Lease(Upload upload, Instant end, boolean claimed) {
        Lease reserving(long bytes) {
            return new Lease(
                    new Upload(upload.id(), upload.documentId(), upload.userId(), upload.url(), bytes), end, claimed);
        }

        /** Claimed, and nobody's. */
        Lease orphaned(Instant now) {
            Upload nobodys = new Upload(upload.id(), upload.documentId(), "", upload.url(), 0);
            return new Lease(nobodys, claimed ? end : now, true);
        }
    }

    /** The parts of an upload; its intent is the one on record as long as it is open. */
    private record Parts(ResumableUpload upload, @Nullable Instant end) {}

    private record Job(UUID holder, Instant end, String note) {}

    /** A key on record: an upload, with or without a new document, is to carry its request out, or there is an answer. */
    private record TakenKey(
            @Nullable UUID uploadId, boolean madeDocument, IdempotencyKey.@Nullable Answer answer, Instant time) {}

    /** A bulk request on record; without a holder it is carried out. */
    private record Bulk(
            String fingerprint, @Nullable UUID holder, Instant leaseEnd, List<BulkItem> items, Instant time) {}

    private final Clock clock;
    private final InMemoryStorage inline = new InMemoryStorage();
    private final Map<UUID, DocumentData> documents = new HashMap<>();
    private final Map<UUID, NavigableMap<Integer, DocumentVersion>> versions = new HashMap<>();
    private final Map<UUID, Lease> uploads = new LinkedHashMap<>();
    private final Map<UUID, Parts> resumables = new HashMap<>();
    private final Map<StorageUrl, Instant> doomed = new LinkedHashMap<>();
    private final Map<StorageUrl, Instant> discarding = new HashMap<>();
    private final Map<StorageUrl, Instant> verified = new HashMap<>();
    private final Map<String, Job> jobs = new HashMap<>();
    private final Map<IdempotencyKey, TakenKey> keys = new HashMap<>();
    private final Map<IdempotencyKey, Bulk> bulks = new HashMap<>();
    private final Map<String, Usage> usages = new HashMap<>();
    private final Map<String, String> stores = new HashMap<>();
    private final Map<String, Quota.Own> quotas = new HashMap<>();

    /** Belongs to {@link InMemoryTokenRepository}; guarded by this repository's lock, so that a user ends in one step. */
    final Map<UUID, ApiToken> tokens = new HashMap<>();

    final Map<String, LinkKey> linkKeys = new HashMap<>();

    public InMemoryDocumentRepository() {
        this(Clock.systemUTC());
    }

    /** @param clock for leases, for grace periods, and for the time at which an aborted upload's document fails */
    public InMemoryDocumentRepository(Clock clock) {
        this.clock = clock;
    }

    // Uploads

    @Override
    public synchronized void reserve(
            Upload upload,
            Duration lease,
            @Nullable DocumentData document,
            Quota defaults,
            IdempotencyKey.@Nullable Use use) {
        requireFree(use);
        List<Upload> unused = unusedReservations(upload.documentId());
        Usage change = Usage.NONE.plusUpload(upload).minus(used(unused));
        if (document != null) {
            change = change.plus(Usage.change(documents.get(document.id()), document));
        }
        admit(upload.userId(), change, defaults);
        if (document != null) {
            if (document.revision() == 1 ? documents.containsKey(document.id()) : !isNext(document)) {
                throw new DocumentConflictException(document.id());
            }
            write(document);
        }
        unused.forEach(this::end);
        uploads.put(upload.id(), new Lease(upload, clock.instant().plus(lease), false));
        count(upload.userId(), Usage.NONE.plusUpload(upload));
        take(use, upload.id(), document);
    }

    @Override
    public synchronized void extend(UUID uploadId, long moreBytes, Duration lease, Quota defaults) {
        Upload upload = requireOpen(uploadId);
        if (moreBytes > 0) {
            admit(upload.userId(), Usage.NONE.plusReserved(moreBytes), defaults);
        }
        Lease renewed = new Lease(upload, clock.instant().plus(lease), false);
        uploads.put(uploadId, renewed.reserving(upload.reservedBytes() + moreBytes));
        count(upload.userId(), Usage.NONE.plusReserved(moreBytes));
    }

    @Override
    public synchronized void activate(UUID uploadId, DocumentData next, @Nullable String fingerprint) {
        Upload upload = requireOpen(uploadId);
        requireNext(next);
        write(next);
        addVersion(next);
        end(upload);
        endParts(upload, State.PUBLISHED);
        if (fingerprint != null) {
            keys.replaceAll((key, taken) -> uploadId.equals(taken.uploadId()) ? answer(fingerprint, next) : taken);
        }
    }

    @Override
    public synchronized void publish(
            DocumentData next, ByteBuffer bytes, Quota defaults, IdempotencyKey.@Nullable Use use) {
        requireFree(use);
        if (documents.containsKey(next.id()) || next.revision() != 2) {
            requireNext(next);
        }
        List<Upload> unused = unusedReservations(next.id());
        Usage change = Usage.change(documents.get(next.id()), next);
        admit(next.userId(), change.minus(used(unused)), defaults);
        unused.forEach(this::end);
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        inline.store(contentOf(next).url(), Channels.newChannel(new ByteArrayInputStream(copy)));
        write(next);
        addVersion(next);
        take(use, null, next);
    }

    @Override
    public synchronized void republish(DocumentData next, int from, Quota defaults, IdempotencyKey.@Nullable Use use) {
        requireFree(use);
        requireNext(next);
        DocumentVersion older = versionsOf(next.id()).get(from);
        if (older == null || !older.content().equals(next.content())) {
            throw new DocumentConflictException(next.id());
        }
        admit(next.userId(), Usage.change(documents.get(next.id()), next), defaults);
        verified.putIfAbsent(older.content().url(), older.createdAt());
        write(next);
        addVersion(next);
        take(use, null, next);
    }

    @Override
    public synchronized List<Optional<DocumentException>> publishAll(List<Publication> publications, Quota defaults) {
        List<Optional<DocumentException>> refusals = new ArrayList<>();
        for (Publication each : publications) {
            try {
                requireFree(each.use());
                if (documents.containsKey(each.next().id())) {
                    throw new DocumentConflictException(each.next().id());
                }
                publish(each.next(), each.bytes(), defaults, each.use());
                refusals.add(Optional.empty());
            } catch (DocumentException e) {
                refusals.add(Optional.of(e));
            }
        }
        return refusals;
    }

    @Override
    public StorageBackend inlineStore() {
        return inline;
    }

    // Uploads in parts

    @Override
    public synchronized void reserve(
            ResumableUpload first, Duration expiry, @Nullable DocumentData document, Quota defaults) {
        reserve(first.upload(), expiry, document, defaults, null);
        resumables.put(first.upload().id(), new Parts(first, null));
    }

    @Override
    public synchronized Optional<ResumableUpload> resumable(UUID uploadId) {
        Lease lease = uploads.get(uploadId);
        return Optional.ofNullable(resumables.get(uploadId)).map(parts -> {
            ResumableUpload last = parts.upload();
            if (parts.end() == null && lease != null && !lease.claimed()) {
                return new ResumableUpload(
                        lease.upload(),
                        last.isNew(),
                        last.expectedRevision(),
                        last.declaredType(),
                        last.note(),
                        last.length(),
                        last.offset(),
                        State.OPEN,
                        lease.end());
            }
            return with(last, last.length(), last.offset(), last.state() == State.OPEN ? State.ENDED : last.state());
        });
    }

    @Override
    public synchronized void advance(UUID uploadId, long from, long to, @Nullable Long length, Duration expiry) {
        Upload open = requireOpen(uploadId);
        Parts parts = resumables.get(uploadId);
        if (parts == null) {
            throw DocumentUploadException.expired();
        }
        ResumableUpload last = parts.upload();
        Long known = last.length();
        if (last.offset() != from || (known != null && length != null && !known.equals(length))) {
            throw DocumentUploadException.offset(from, last.offset());
        }
        resumables.put(uploadId, new Parts(with(last, known == null ? length : known, to, State.OPEN), null));
        uploads.put(uploadId, new Lease(open, clock.instant().plus(expiry), false));
    }

    @Override
    public synchronized void forgetResumable(UUID uploadId) {
        resumables.computeIfPresent(uploadId, (id, parts) -> parts.upload().state() == State.PUBLISHED ? null : parts);
    }

    @Override
    public synchronized int forgetResumables(Duration age, int max) {
        Instant latest = clock.instant().minus(age);
        List<UUID> old = resumables.entrySet().stream()
                .filter(entry -> entry.getValue().end() != null
                        && !entry.getValue().end().isAfter(latest))
                .map(Map.Entry::getKey)
                .limit(max)
                .toList();
        old.forEach(resumables::remove);
        return old.size();
    }

    private void endParts(Upload upload, State state) {
        resumables.computeIfPresent(
                upload.id(),
                (id, parts) -> parts.end() != null
                        ? parts
                        : new Parts(
                                with(
                                        parts.upload(),
                                        parts.upload().length(),
                                        parts.upload().offset(),
                                        state),
                                clock.instant()));
    }

    private static ResumableUpload with(ResumableUpload upload, @Nullable Long length, long offset, State state) {
        Upload intent = upload.upload();
        return new ResumableUpload(
                state == State.OPEN ? intent : new Upload(intent.id(), intent.documentId(), intent.userId(), null, 0),
                upload.isNew(),
                upload.expectedRevision(),
                upload.declaredType(),
                upload.note(),
                length,
                offset,
                state,
                Instant.EPOCH);
    }

    // Idempotency keys

    @Override
    public synchronized Optional<IdempotencyKey.Answer> answered(IdempotencyKey key) {
        if (bulks.containsKey(key)) {
            throw DocumentKeyException.reused();
        }
        TakenKey taken = keys.get(key);
        if (taken != null && taken.answer() == null) {
            throw DocumentKeyException.running();
        }
        return Optional.ofNullable(taken).map(TakenKey::answer);
    }

    @Override
    public synchronized int forgetKeys(Duration age, int max) {
        Instant now = clock.instant();
        Instant latest = now.minus(age);
        Stream<IdempotencyKey> answered = keys.entrySet().stream()
                .filter(entry -> entry.getValue().answer() != null)
                .filter(entry -> !entry.getValue().time().isAfter(latest))
                .map(Map.Entry::getKey);
        Stream<IdempotencyKey> ended = bulks.entrySet().stream()
                .filter(entry -> !entry.getValue().leaseEnd().isAfter(now))
                .filter(entry -> !entry.getValue().time().isAfter(latest))
                .map(Map.Entry::getKey);
        List<IdempotencyKey> old = Stream.concat(answered, ended).limit(max).toList();
        old.forEach(this::forget);
        return old.size();
    }

    private void forget(IdempotencyKey key) {
        keys.remove(key);
        bulks.remove(key);
    }

    private void requireFree(IdempotencyKey.@Nullable Use use) {
        if (use != null && answered(use.key()).isPresent()) {
            throw DocumentKeyException.reused();
        }
    }

    private void take(IdempotencyKey.@Nullable Use use, @Nullable UUID uploadId, @Nullable DocumentData document) {
        if (use == null) {
            return;
        }
        String fingerprint = use.fingerprint();
        keys.put(
                use.key(),
                fingerprint == null
                        ? new TakenKey(uploadId, document != null && document.revision() == 1, null, clock.instant())
                        : answer(fingerprint, Objects.requireNonNull(document, "what the request asked for")));
    }

    private static boolean tellsOf(String userId, IdempotencyKey key, TakenKey taken) {
        return key.userId().equals(userId)
                || (taken.answer() != null && taken.answer().document().userId().equals(userId));
    }

    private TakenKey answer(String fingerprint, DocumentData document) {
        return new TakenKey(null, false, new IdempotencyKey.Answer(fingerprint, document), clock.instant());
    }

    // Documents

    @Override
    public synchronized Optional<DocumentData> find(UUID id) {
        return Optional.ofNullable(documents.get(id));
    }

    @Override
    public synchronized List<DocumentData> findAll(Collection<UUID> ids) {
        return ids.stream().distinct().flatMap(id -> find(id).stream()).toList();
    }

    @Override
    public synchronized void update(DocumentData next) {
        requireNext(next);
        write(next);
    }

    @Override
    public synchronized void purge(UUID id, long revision, @Nullable IdempotencyKey freed) {
        DocumentData document = documents.get(id);
        if (document == null || document.revision() != revision) {
            throw new DocumentConflictException(id);
        }
        unusedReservations(id).forEach(this::end);
        remove(document);
        if (freed != null) {
            forget(freed);
        }
    }

    // Many documents in one step

    @Override
    public synchronized Set<UUID> updateAll(Collection<DocumentData> next, @Nullable BulkStep step) {
        requireHeld(step);
        Set<UUID> left = new HashSet<>();
        for (DocumentData each : next) {
            if (isNext(each)) {
                write(each);
            } else {
                left.add(each.id());
            }
        }
        note(step, left);
        return left;
    }

    @Override
    public synchronized Set<UUID> purgeAll(Collection<DocumentData> stored, @Nullable BulkStep step) {
        requireHeld(step);
        Set<UUID> left = new HashSet<>();
        for (DocumentData each : stored) {
            DocumentData document = documents.get(each.id());
            if (document != null && document.revision() == each.revision()) {
                purge(each.id(), each.revision(), null);
            } else {
                left.add(each.id());
            }
        }
        note(step, left);
        return left;
    }

    @Override
    public synchronized BulkStep.Progress beginBulk(
            IdempotencyKey key, String fingerprint, UUID holder, Duration lease) {
        Instant now = clock.instant();
        Bulk bulk = bulks.get(key);
        if (keys.containsKey(key) || (bulk != null && !bulk.fingerprint().equals(fingerprint))) {
            throw DocumentKeyException.reused();
        }
        if (bulk != null && bulk.leaseEnd().isAfter(now)) {
            throw DocumentKeyException.running();
        }
        if (bulk != null && bulk.holder() == null) {
            return new BulkStep.Progress(bulk.items(), true);
        }
        List<BulkItem> items = bulk == null ? List.of() : bulk.items();
        bulks.put(key, new Bulk(fingerprint, holder, now.plus(lease), items, now));
        return new BulkStep.Progress(items, false);
    }

    @Override
    public synchronized void leaveBulk(IdempotencyKey key, UUID holder) {
        Bulk bulk = bulks.get(key);
        if (bulk != null && holder.equals(bulk.holder())) {
            bulks.put(key, new Bulk(bulk.fingerprint(), holder, clock.instant(), bulk.items(), bulk.time()));
        }
    }

    private void requireHeld(@Nullable BulkStep step) {
        Bulk bulk = step == null ? null : bulks.get(step.key());
        if (step != null && (bulk == null || !step.holder().equals(bulk.holder()))) {
            throw DocumentKeyException.running();
        }
    }

    private void note(@Nullable BulkStep step, Set<UUID> left) {
        Bulk bulk = step == null ? null : bulks.get(step.key());
        if (step == null || bulk == null) {
            return;
        }
        List<BulkItem> items = new ArrayList<>(bulk.items());
        step.items().stream().filter(item -> !left.contains(item.id())).forEach(items::add);
        Instant now = clock.instant();
        boolean isLast = step.last() && left.isEmpty();
        bulks.put(
                step.key(),
                new Bulk(
                        bulk.fingerprint(),
                        isLast ? null : step.holder(),
                        isLast ? now : now.plus(step.lease()),
                        items,
                        now));
    }

    @Override
    public synchronized long versionBytes(Collection<UUID> ids) {
        return Set.copyOf(ids).stream()
                .flatMap(id -> versionsOf(id).values().stream())
                .mapToLong(version -> version.content().sizeBytes())
                .sum();
    }

    @Override
    public synchronized boolean dropVersion(UUID documentId, int number, long revision) {
        DocumentData document = documents.get(documentId);
        if (document == null || document.revision() != revision) {
            throw new DocumentConflictException(documentId);
        }
        return dropVersion(documentId, number);
    }

    @Override
    public synchronized Page<DocumentData> list(DocumentQuery query, @Nullable Position after, int max) {
        Listing listing = new Listing(query);
        List<DocumentData> found = documents.values().stream()
                .filter(listing::includes)
                .filter(document -> after == null || listing.isBehind(after, document))
                .sorted(listing.order())
                .limit(max + 1L)
                .toList();
        if (found.size() <= max) {
            return new Page<>(found, null);
        }
        return new Page<>(found.subList(0, max), listing.position(found.get(max - 1)));
    }

    @Override
    public synchronized long count(DocumentQuery query, long max) {
        Listing listing = new Listing(query);
        return documents.values().stream().filter(listing::includes).limit(max).count();
    }

    @Override
    public synchronized Optional<DocumentVersion> version(UUID documentId, int number) {
        return Optional.ofNullable(versionsOf(documentId).get(number));
    }

    @Override
    public synchronized List<DocumentVersion> versions(UUID documentId, int before, int max) {
        return versionsOf(documentId).headMap(before, false).descendingMap().values().stream()
                .limit(max)
                .toList();
    }

    // Owners

    @Override
    public synchronized Usage usage(String userId) {
        return usages.getOrDefault(userId, Usage.NONE);
    }

    @Override
    public synchronized Usage recount(String userId) {
        Usage sum = Usage.NONE;
        for (DocumentData document : documents.values()) {
            if (document.userId().equals(userId)) {
                sum = sum.plus(Usage.change(null, document)).plusOlder(olderBytes(document));
            }
        }
        for (Lease lease : uploads.values()) {
            if (lease.upload().userId().equals(userId)) {
                sum = sum.plusUpload(lease.upload());
            }
        }
        return sum;
    }

    @Override
    public synchronized Quota.Own quota(String userId) {
        return quotas.getOrDefault(userId, Quota.Own.NONE);
    }

    @Override
    public synchronized void setQuota(String userId, UnaryOperator<Quota.Own> change) {
        Quota.Own next = change.apply(quota(userId));
        if (next.equals(Quota.Own.NONE)) {
            quotas.remove(userId);
        } else {
            quotas.put(userId, next);
        }
    }

    @Override
    public synchronized boolean deleteUser(String userId) {
        List<DocumentData> owned = documents.values().stream()
                .filter(document -> document.userId().equals(userId))
                .toList();
        owned.forEach(document -> unusedReservations(document.id()).forEach(this::end));
        owned.forEach(this::remove);
        boolean hadReservations =
                usage(userId).reservedBytes() > 0 || usage(userId).uploads() > 0;
        // the rows stay for the sweep, which deletes their bytes, but they count against nobody any more
        Instant now = clock.instant();
        uploads.replaceAll((id, lease) -> lease.upload().userId().equals(userId) ? lease.orphaned(now) : lease);
        resumables.values().removeIf(parts -> parts.upload().upload().userId().equals(userId));
        usages.remove(userId);
        keys.entrySet().removeIf(entry -> tellsOf(userId, entry.getKey(), entry.getValue()));
        bulks.keySet().removeIf(key -> key.userId().equals(userId));
        boolean hadQuota = quotas.remove(userId) != null;
        boolean hadKey = linkKeys.remove(userId) != null;
        boolean hadTokens = tokens.values().removeIf(token -> token.userId().equals(userId));
        return !owned.isEmpty() || hadReservations || hadQuota || hadTokens || hadKey;
    }

    // Housekeeping

    @Override
    public synchronized void expire(UUID uploadId) {
        uploads.computeIfPresent(uploadId, (id, lease) -> new Lease(lease.upload(), Instant.MIN, lease.claimed()));
    }

    @Override
    public synchronized List<Upload> claimExpired(Duration lease, int max) {
        Instant now = clock.instant();
        List<Upload> claimed = uploads.values().stream()
                .filter(each -> !each.end().isAfter(now))
                .sorted(Comparator.comparing(Lease::end))
                .limit(max)
                .map(Lease::upload)
                .toList();
        claimed.forEach(upload -> uploads.put(upload.id(), new Lease(upload, now.plus(lease), true)));
        return claimed;
    }

    @Override
    public synchronized boolean claim(UUID uploadId) {
        return uploads.computeIfPresent(uploadId, (id, lease) -> new Lease(lease.upload(), clock.instant(), true))
                != null;
    }

    @Override
    public synchronized void abort(Upload upload, @Nullable String reason) {
        Lease lease = uploads.get(upload.id());
        if (lease == null || !lease.claimed()) {
            return;
        }
        end(lease.upload());
        endParts(lease.upload(), State.ENDED);
        boolean comesAgain =
                keys.values().stream().anyMatch(taken -> upload.id().equals(taken.uploadId()) && taken.madeDocument());
        keys.values().removeIf(taken -> upload.id().equals(taken.uploadId()));
        DocumentData document = documents.get(upload.documentId());
        if (document == null || document.status() != DocumentStatus.PENDING || hasUpload(document.id())) {
            return;
        }
        if (document.content() == null && (reason == null || comesAgain)) {
            remove(document);
        } else if (reason != null) {
            write(document.fail(reason, clock.instant()));
        }
    }

    @Override
    public synchronized List<StorageUrl> doomed(Duration grace, int max) {
        Instant latest = clock.instant().minus(grace);
        return doomed.entrySet().stream()
                .filter(entry -> !entry.getValue().isAfter(latest))
                .limit(max)
                .map(Map.Entry::getKey)
                .toList();
    }

    @Override
    public synchronized List<StorageUrl> claimDoomed(Duration grace, Duration lease, int max) {
        Instant now = clock.instant();
        List<StorageUrl> claimed = doomed(grace, Integer.MAX_VALUE).stream()
                .filter(url -> !discarding.getOrDefault(url, Instant.MIN).isAfter(now))
                .sorted(Comparator.comparing(url -> discarding.getOrDefault(url, Instant.MIN)))
                .limit(max)
                .toList();
        claimed.forEach(url -> discarding.put(url, now.plus(lease)));
        return claimed;
    }

    @Override
    public synchronized void discarded(Collection<StorageUrl> urls) {
        urls.forEach(doomed::remove);
        urls.forEach(discarding::remove);
    }

    @Override
    public synchronized Set<String> storesInUse() {
        return Stream.of(
                        urlsInUse().stream(),
                        doomed.keySet().stream(),
                        uploads.values().stream().map(lease -> lease.upload().url()))
                .flatMap(urls -> urls)
                .filter(Objects::nonNull)
                .map(StorageUrl::store)
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public synchronized String bindStore(String name, String id) {
        return Objects.requireNonNullElse(stores.putIfAbsent(name, id), id);
    }

    @Override
    public void check() {
        // a heap is always there
    }

    // What looks at all owners' documents

    @Override
    public synchronized Optional<String> takeJob(String job, UUID holder, Duration lease) {
        Instant now = clock.instant();
        Job last = jobs.getOrDefault(job, new Job(holder, now, ""));
        if (!last.holder().equals(holder) && last.end().isAfter(now)) {
            return Optional.empty();
        }
        jobs.put(job, new Job(holder, now.plus(lease), last.note()));
        return Optional.of(last.note());
    }

    @Override
    public synchronized boolean noteJob(String job, UUID holder, Duration lease, String note) {
        Job last = jobs.get(job);
        if (last == null || !last.holder().equals(holder)) {
            return false;
        }
        jobs.put(job, new Job(holder, clock.instant().plus(lease), note));
        return true;
    }

    @Override
    public synchronized List<DocumentVersion> versionsNotVerified(Instant verifiedBefore, VersionId after, int max) {
        return allVersions()
                .filter(version -> verifiedAt(version).isBefore(verifiedBefore))
                .filter(version -> version.id().compareTo(after) > 0)
                .sorted(Comparator.comparing(DocumentVersion::id))
                .limit(max)
                .toList();
    }

    @Override
    public synchronized void verified(Collection<StorageUrl> urls, Instant when) {
        urls.forEach(url -> verified.put(url, when));
    }

    @Override
    public synchronized Verification verification(Instant since) {
        return new Verification(
                allVersions()
                        .mapToLong(version -> version.content().sizeBytes())
                        .sum(),
                allVersions()
                        .filter(version -> !verifiedAt(version).isBefore(since))
                        .mapToLong(version -> version.content().sizeBytes())
                        .sum());
    }

    @Override
    public synchronized Set<StorageUrl> known(Collection<StorageUrl> urls) {
        Set<StorageUrl> known = urlsInUse();
        known.addAll(doomed.keySet());
        uploads.values().stream()
                .map(lease -> lease.upload().url())
                .filter(Objects::nonNull)
                .forEach(known::add);
        known.retainAll(Set.copyOf(urls));
        return known;
    }

    @Override
    public synchronized List<StorageUrl> doomedInUse(int max) {
        Set<StorageUrl> inUse = urlsInUse();
        return doomed.keySet().stream().filter(inUse::contains).limit(max).toList();
    }

    @Override
    public synchronized void spare(Collection<StorageUrl> urls) {
        Set<StorageUrl> inUse = urlsInUse();
        urls.stream().filter(inUse::contains).forEach(doomed::remove);
    }

    @Override
    public synchronized boolean dropVersion(UUID documentId, int number) {
        DocumentData document = documents.get(documentId);
        DocumentVersion version = versionsOf(documentId).get(number);
        if (document == null || version == null) {
            return false;
        }
        if (document.version() == number) {
            throw new DocumentConflictException(documentId);
        }
        versionsOf(documentId).remove(number);
        giveUp(Set.of(version.content().url()));
        count(document.userId(), Usage.NONE.plusOlder(-version.content().sizeBytes()));
        return true;
    }

    @Override
    public synchronized List<DocumentVersion> surplusVersions(int keep, VersionId after, int max) {
        return allVersions()
                .filter(version -> version.id().compareTo(after) > 0)
                .filter(version -> versionsOf(version.documentId())
                                .tailMap(version.number(), false)
                                .size()
                        >= keep)
                .sorted(Comparator.comparing(DocumentVersion::id))
                .limit(max)
                .toList();
    }

    @Override
    public synchronized List<DocumentData> unchangedSince(
            DocumentStatus status, Instant updatedBefore, @Nullable UUID after, int max) {
        return documents.values().stream()
                .filter(document ->
                        document.status() == status && document.updatedAt().isBefore(updatedBefore))
                .filter(document -> after == null || key(document).compareTo(after.toString()) > 0)
                .sorted(Comparator.comparing(InMemoryDocumentRepository::key))
                .limit(max)
                .toList();
    }

    /** None: one lock guards all there is. */
    @Override
    public List<DocumentData> incoherent(@Nullable UUID after, int max) {
        return List.of();
    }

    @Override
    public synchronized List<String> owners(@Nullable String after, int max) {
        return usages.keySet().stream()
                .filter(owner -> after == null || owner.compareTo(after) > 0)
                .sorted()
                .limit(max)
                .toList();
    }

    @Override
    public synchronized void correctUsage(String userId) {
        usages.computeIfPresent(userId, (id, usage) -> recount(id));
    }

    // Steps that those above are made of; the lock is held

    private void admit(String userId, Usage change, Quota defaults) {
        if (userId.isEmpty()) {
            throw new DocumentQuotaException(Limit.BYTES, 0, 0, Limit.BYTES.used(change));
        }
        defaults.with(quota(userId)).admit(usage(userId), change);
    }

    private static Usage used(List<Upload> uploads) {
        return uploads.stream().map(Usage.NONE::plusUpload).reduce(Usage.NONE, Usage::plus);
    }

    private Upload requireOpen(UUID uploadId) {
        Lease lease = uploads.get(uploadId);
        if (lease == null || lease.claimed()) {
            throw DocumentUploadException.expired();
        }
        return lease.upload();
    }

    private boolean isNext(DocumentData next) {
        DocumentData stored = documents.get(next.id());
        return stored != null && stored.revision() == next.revision() - 1;
    }

    private void requireNext(DocumentData next) {
        if (!isNext(next)) {
            throw new DocumentConflictException(next.id());
        }
    }

    private void write(DocumentData next) {
        DocumentData before = documents.put(next.id(), next);
        count(next.userId(), Usage.change(before, next));
    }

    private void addVersion(DocumentData document) {
        versions.computeIfAbsent(document.id(), id -> new TreeMap<>())
                .put(
                        document.version(),
                        new DocumentVersion(
                                document.id(),
                                document.version(),
                                contentOf(document),
                                document.declaredType(),
                                document.updatedAt()));
    }

    private void remove(DocumentData document) {
        count(document.userId(), Usage.change(document, null).plusOlder(-olderBytes(document)));
        documents.remove(document.id());
        NavigableMap<Integer, DocumentVersion> removed = versionsOf(document.id());
        versions.remove(document.id());
        giveUp(removed.values().stream().map(version -> version.content().url()).collect(Collectors.toSet()));
    }

    /** Content whose version is gone: nothing happens to it while another has it. */
    private void giveUp(Set<StorageUrl> urls) {
        Set<StorageUrl> inUse = urlsInUse();
        for (StorageUrl url : urls) {
            if (inUse.contains(url)) {
                continue;
            }
            if (inline.size(url).isPresent()) {
                inline.delete(url);
            } else {
                doomed.putIfAbsent(url, clock.instant());
            }
        }
    }

    private void end(Upload upload) {
        uploads.remove(upload.id());
        count(upload.userId(), Usage.NONE.minusUpload(upload));
    }

    private void count(String userId, Usage change) {
        if (!userId.isEmpty()) {
            usages.merge(userId, change, Usage::plus);
        }
    }

    // Looking things up

    private List<Upload> unusedReservations(UUID documentId) {
        return uploads.values().stream()
                .map(Lease::upload)
                .filter(upload -> upload.documentId().equals(documentId) && upload.url() == null)
                .toList();
    }

    private static Content contentOf(DocumentData published) {
        return Objects.requireNonNull(published.content(), "a published document has content");
    }

    private boolean hasUpload(UUID documentId) {
        return uploads.values().stream()
                .anyMatch(lease -> lease.upload().documentId().equals(documentId));
    }

    private NavigableMap<Integer, DocumentVersion> versionsOf(UUID documentId) {
        return versions.getOrDefault(documentId, new TreeMap<>());
    }

    private long olderBytes(DocumentData document) {
        return versionsOf(document.id()).headMap(document.version(), false).values().stream()
                .mapToLong(version -> version.content().sizeBytes())
                .sum();
    }

    /** By text, since UUID's own order takes its halves for signed numbers. */
    private static String key(DocumentData document) {
        return document.id().toString();
    }

    private Stream<DocumentVersion> allVersions() {
        return versions.values().stream().flatMap(of -> of.values().stream());
    }

    private Instant verifiedAt(DocumentVersion version) {
        return verified.getOrDefault(version.content().url(), version.createdAt());
    }

    private Set<StorageUrl> urlsInUse() {
        Set<StorageUrl> urls = new HashSet<>();
        versions.values()
                .forEach(of -> of.values()
                        .forEach(version -> urls.add(version.content().url())));
        return urls;
    }
}
