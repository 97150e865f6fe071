package dev.docs.application;

import dev.docs.domain.AccessPolicy;
import dev.docs.domain.ContentGate;
import dev.docs.domain.DocumentListener;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.MediaTypeDetector;
import dev.docs.domain.MediaTypePolicy;
import dev.docs.domain.StorageBackend;
import org.jspecify.annotations.Nullable;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The embedder's front door: a repository and one or more stores make a {@link DocumentService}.
 *
 * <p>It starts no thread and holds nothing open; the host closes the adapters it made. Call
 * {@link Housekeeping#sweep} about twice a minute, {@link Integrity#scrub} as often as bytes may be read for it, and
 * {@link Housekeeping#retain} about once an hour.
 */
public final class Docs {
    private final DocumentService documents;
    private final Housekeeping housekeeping;
    private final Integrity integrity;

    private Docs(DocumentService documents, Housekeeping housekeeping, Integrity integrity) {
        this.documents = documents;
        this.housekeeping = housekeeping;
        this.integrity = integrity;
    }

    public DocumentService documents() {
        return documents;
    }

    public Housekeeping housekeeping() {
        return housekeeping;
    }

    public Integrity integrity() {
        return integrity;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Collects adapters and choices. Not for use by several threads. */
    public static final class Builder {
        private final Map<String, StorageBackend> stores = new LinkedHashMap<>();
        private final List<ContentGate> gates = new ArrayList<>();
        private final List<DocumentListener> listeners = new ArrayList<>();
        private @Nullable DocumentRepository repository;
        private @Nullable String primary;
        private AccessPolicy policy = AccessPolicy.ownerOrAdministrator();
        private Limits limits = Limits.DEFAULT;
        private MediaTypeDetector mediaTypeDetector = MediaTypeDetector.NONE;
        private MediaTypePolicy mediaTypePolicy = MediaTypePolicy.ANY;
        private Duration uploadLease = Duration.ofMinutes(2);
        private Duration uploadExpiry = Duration.ofHours(24);
        private Duration purgeGrace = Duration.ofHours(24);
        private Retention retention = Retention.EVERYTHING;
        private boolean verifyDownloads = true;
        private long minFreeBytes = 64L << 20;
        private Clock clock = Clock.systemUTC();

        private Builder() {}

        public Builder repository(DocumentRepository value) {
            repository = value;
            return this;
        }

        /**
         * Adds a store. The first one added takes new content; the others keep being read.
         *
         * @param name the store's name in storage URLs, for good: see {@link dev.docs.domain.StorageUrl}
         * @throws IllegalArgumentException if it can't be in a storage URL, or names a store that was added already
         */
        public Builder store(String name, StorageBackend backend) {
            Storages.requireName(name);
            if (name.equals(Storages.INLINE) || stores.putIfAbsent(name, backend) != null) {
                throw new IllegalArgumentException("the name of a store that exists already: " + name);
            }
            if (primary == null) {
                primary = name;
            }
            return this;
        }

        /** Default: {@link AccessPolicy#ownerOrAdministrator()}. */
        public Builder accessPolicy(AccessPolicy value) {
            policy = value;
            return this;
        }

        /** Adds one to those who are asked before content is let in, in the order in which they were added. */
        public Builder contentGate(ContentGate value) {
            gates.add(value);
            return this;
        }

        /** Adds one to those who are told of what has happened, in the order in which they were added. */
        public Builder listener(DocumentListener value) {
            listeners.add(value);
            return this;
        }

        /** Default: {@link Limits#DEFAULT}. */
        public Builder limits(Limits value) {
            limits = value;
            return this;
        }

        /** Looks at what comes in. Default: {@link MediaTypeDetector#NONE}, so that content is what its sender says. */
        public Builder mediaTypeDetector(MediaTypeDetector value) {
            mediaTypeDetector = value;
            return this;
        }

        /**
         * What may be stored; {@link NewContent#admittedBy} can narrow it for one call. Without a detector it goes by
         * what senders say. Default: {@link MediaTypePolicy#ANY}.
         */
        public Builder mediaTypePolicy(MediaTypePolicy value) {
            mediaTypePolicy = value;
            return this;
        }

        /** How long an upload may go without a sign of life before a sweep ends it. Default: 2 minutes. */
        public Builder uploadLease(Duration value) {
            uploadLease = value;
            return this;
        }

        /** How long quota is set aside for a reserved document. Default: 24 hours. */
        public Builder uploadExpiry(Duration value) {
            uploadExpiry = value;
            return this;
        }

        /**
         * How long a purged document's bytes are kept: at least the time between two backups, and the longest download.
         * Default: 24 hours.
         */
        public Builder purgeGrace(Duration value) {
            purgeGrace = value;
            return this;
        }

        /** What {@link Housekeeping#retain} removes. Default: nothing. */
        public Builder retention(Retention value) {
            retention = value;
            return this;
        }

        /**
         * Whether content that is read whole is compared with its SHA-256 on the way, so that damaged content never looks
         * complete. It costs about 0.7 CPU seconds per GiB. Default: yes.
         */
        public Builder verifyDownloads(boolean value) {
            verifyDownloads = value;
            return this;
        }

        /**
         * How much space uploads leave on the disk of the store that takes new content; 0 for none. With less, nothing is
         * uploaded, and everything else goes on. Default: 64 MiB.
         */
        public Builder minFreeBytes(long value) {
            if (value < 0) {
                throw new IllegalArgumentException("minFreeBytes can't be " + value);
            }
            minFreeBytes = value;
            return this;
        }

        /** Default: the system's. */
        public Builder clock(Clock value) {
            clock = value;
            return this;
        }

        /**
         * @throws IllegalStateException if the repository or a store is missing, documents are kept in a store that
         *     was not added, or a store is not the one that its name stood for before
         */
        public Docs build() {
            if (repository == null || primary == null) {
                throw new IllegalStateException("a repository and at least one store are needed");
            }
            Storages storages = new Storages(stores, repository.inlineStore(), primary);
            storages.requireKnown(repository.storesInUse());
            storages.requireSame(repository);
            Listeners told = new Listeners(listeners);
            return new Docs(
                    new DocumentService(
                            repository,
                            storages,
                            new Floor(storages, minFreeBytes),
                            policy,
                            new Gates(gates),
                            told,
                            limits,
                            new ContentTypes(mediaTypeDetector, mediaTypePolicy),
                            uploadLease,
                            uploadExpiry,
                            verifyDownloads,
                            clock),
                    new Housekeeping(repository, storages, purgeGrace, uploadLease, retention, told, clock),
                    new Integrity(repository, storages, uploadLease, told, clock));
        }
    }
}
