package dev.docs.conformance;

import dev.docs.domain.DocumentRepository;
import org.junit.jupiter.api.Nested;

/**
 * The promises of {@link DocumentRepository}, each as a test. An adapter's test class extends this and opens the adapter;
 * none of the tests can be weakened by overriding.
 *
 * <p>Every test uses owners, ids and stores of its own, and looks at nothing else, so all may share one database that is
 * opened once. They must not run at the same time as housekeeping on that database, nor beside each other.
 */
public abstract class DocumentRepositoryContract {
    /** Opens the adapter; called once before each test. */
    protected abstract DocumentRepository open() throws Exception;

    @Nested
    final class Uploads extends UploadPromises {
        @Override
        DocumentRepository open() throws Exception {
            return DocumentRepositoryContract.this.open();
        }
    }

    @Nested
    final class UploadsInParts extends ResumablePromises {
        @Override
        DocumentRepository open() throws Exception {
            return DocumentRepositoryContract.this.open();
        }
    }

    @Nested
    final class Quotas extends QuotaPromises {
        @Override
        DocumentRepository open() throws Exception {
            return DocumentRepositoryContract.this.open();
        }
    }

    @Nested
    final class Leases extends LeasePromises {
        @Override
        DocumentRepository open() throws Exception {
            return DocumentRepositoryContract.this.open();
        }
    }

    @Nested
    final class Documents extends DocumentPromises {
        @Override
        DocumentRepository open() throws Exception {
            return DocumentRepositoryContract.this.open();
        }
    }

    @Nested
    final class Versions extends VersionPromises {
        @Override
        DocumentRepository open() throws Exception {
            return DocumentRepositoryContract.this.open();
        }
    }

    @Nested
    final class InlineContent extends InlinePromises {
        @Override
        DocumentRepository open() throws Exception {
            return DocumentRepositoryContract.this.open();
        }
    }

    @Nested
    final class IdempotencyKeys extends IdempotencyPromises {
        @Override
        DocumentRepository open() throws Exception {
            return DocumentRepositoryContract.this.open();
        }
    }

    @Nested
    final class Removal extends RemovalPromises {
        @Override
        DocumentRepository open() throws Exception {
            return DocumentRepositoryContract.this.open();
        }
    }

    @Nested
    final class Bulk extends BulkPromises {
        @Override
        DocumentRepository open() throws Exception {
            return DocumentRepositoryContract.this.open();
        }
    }

    @Nested
    final class Filters extends FilterPromises {
        @Override
        DocumentRepository open() throws Exception {
            return DocumentRepositoryContract.this.open();
        }
    }

    @Nested
    final class Pages extends PagePromises {
        @Override
        DocumentRepository open() throws Exception {
            return DocumentRepositoryContract.this.open();
        }
    }

    @Nested
    final class Searches extends SearchPromises {
        @Override
        DocumentRepository open() throws Exception {
            return DocumentRepositoryContract.this.open();
        }
    }

    @Nested
    final class Housekeeping extends HousekeepingPromises {
        @Override
        DocumentRepository open() throws Exception {
            return DocumentRepositoryContract.this.open();
        }
    }
}
