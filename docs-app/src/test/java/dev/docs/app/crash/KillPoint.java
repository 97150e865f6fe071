package dev.docs.app.crash;

import org.jspecify.annotations.Nullable;

import java.util.Locale;

/** The steps between which a server may die, each a place in its code that {@link Weaver} looks up by name. */
enum KillPoint {
    // an upload
    UPLOAD_ON_RECORD("dev.docs.application.Uploads", "transfer", At.ENTRY, 8),
    UPLOAD_EXTENDED("dev.docs.application.Reservation", "extend", At.EXIT, 3),
    CONTENT_STORED("dev.docs.application.Uploads", "transfer", after("store"), 8),
    FAILED_UPLOAD_CLAIMED("dev.docs.application.Uploads", "giveUp", after("claim"), 2),

    // a file
    DRAFT_CREATED("dev.docs.adapter.fs.FileSystemStorage", "store", before("copy"), 8),
    BYTES_PARTLY_WRITTEN("dev.docs.adapter.fs.FileSystemStorage", "copy", after("write"), 12),
    BYTES_WRITTEN("dev.docs.adapter.fs.FileSystemStorage", "store", after("copy"), 8),
    DRAFT_SYNCED("dev.docs.adapter.fs.FileSystemStorage", "store", after("force"), 8, Only.POWER_LOSS),
    FOLDER_MADE("dev.docs.adapter.fs.FileSystemStorage", "makeFolders", before("sync"), 6),
    LINKED("dev.docs.adapter.fs.FileSystemStorage", "store", after("createLink"), 8),
    DRAFT_REMOVED("dev.docs.adapter.fs.FileSystemStorage", "store", after("deleteIfExists"), 8),
    FOLDER_SYNCED("dev.docs.adapter.fs.FileSystemStorage", "store", after("sync"), 8),
    FAILED_STORE_CLEARED("dev.docs.adapter.fs.FileSystemStorage", "discard", At.EXIT, 2),
    FILE_DELETION_BEGUN("dev.docs.adapter.fs.FileSystemStorage", "delete", before("look"), 6),
    FILE_DELETED("dev.docs.adapter.fs.FileSystemStorage", "delete", after("parent"), 6),

    // a part of an upload
    PART_WRITTEN("dev.docs.adapter.fs.GrowingFile", "append", after("copy"), 4),
    PART_SYNCED("dev.docs.adapter.fs.GrowingFile", "append", after("sync"), 4),
    OFFSET_NOTED("dev.docs.adapter.jdbi.JdbiDocumentRepository", "advance", At.EXIT, 4),

    // a change of rows
    VERSION_INSERTED("dev.docs.adapter.jdbi.JdbiDocumentRepository", "insertVersion", At.EXIT, 8),
    PUBLISHED_INLINE("dev.docs.adapter.jdbi.JdbiDocumentRepository", "publish", At.EXIT, 8),
    PUBLISHED_FILE("dev.docs.adapter.jdbi.JdbiDocumentRepository", "activate", At.EXIT, 8),
    PUBLISHED_ANEW("dev.docs.adapter.jdbi.JdbiDocumentRepository", "republish", At.EXIT, 3),
    VERSION_DROPPED("dev.docs.adapter.jdbi.JdbiHousekeepingRepository", "drop", At.EXIT, 3),
    UPDATED("dev.docs.adapter.jdbi.JdbiDocumentRepository", "update", At.EXIT, 8),
    ROWS_REMOVED("dev.docs.adapter.jdbi.JdbiDocumentRepository", "remove", At.EXIT, 4),
    PURGED("dev.docs.adapter.jdbi.JdbiDocumentRepository", "purge", At.EXIT, 4),

    // many at once
    BULK_BEGUN("dev.docs.application.Bulk", "run", after("beginBulk"), 2),
    BULK_BATCH_MADE("dev.docs.application.Bulk$Run", "batch", At.EXIT, 6),
    BULK_CHANGED("dev.docs.adapter.jdbi.BulkRows", "write", At.EXIT, 4),
    BULK_PURGED("dev.docs.adapter.jdbi.BulkRows", "remove", At.EXIT, 3),
    BULK_NOTED("dev.docs.adapter.jdbi.BulkRows", "note", At.EXIT, 4),
    BULK_UNANSWERED("dev.docs.application.Bulk", "run", At.EXIT, 2),
    MANY_RECEIVED("dev.docs.application.Creations", "finish", At.ENTRY, 6),
    MANY_INSERTED("dev.docs.adapter.jdbi.PublishingMany", "insert", At.EXIT, 4),
    MANY_PUBLISHED("dev.docs.application.Creations", "finish", after("publish"), 6),

    // a transaction
    BEFORE_COMMIT("dev.docs.adapter.jdbi.Database", "transaction", before("commit"), 30),
    AFTER_COMMIT("dev.docs.adapter.jdbi.Database", "transaction", after("commit"), 30),
    AFTER_ROLLBACK("dev.docs.adapter.jdbi.Database", "rollback", At.EXIT, 4),
    DURABLE("dev.docs.adapter.jdbi.Database", "write", At.EXIT, 30),
    SYNC_SHARED("dev.docs.adapter.jdbi.SyncBarrier", "lead", before("run"), 20, Only.H2),
    SYNCED("dev.docs.adapter.jdbi.SyncBarrier", "lead", after("run"), 20, Only.H2),
    H2_BEFORE_WRITE("org.h2.mvstore.SingleFileStore", "writeFully", At.ENTRY, 30, Only.H2),
    H2_AFTER_WRITE("org.h2.mvstore.SingleFileStore", "writeFully", At.EXIT, 30, Only.H2),
    H2_HEADER_RENEWED("dev.docs.adapter.jdbi.H2File", "flush", after("executeFilestoreOperation"), 20, Only.H2),
    H2_AFTER_FORCE("org.h2.mvstore.SingleFileStore", "sync", At.EXIT, 20, Only.H2_POWER_LOSS),

    // housekeeping
    SWEEP_CLAIMED("dev.docs.application.Housekeeping", "sweepUploads", after("claimExpired"), 2),
    SWEEP_FILE_DELETED("dev.docs.application.Uploads", "discard", before("abort"), 2),
    SWEEP_ENDED("dev.docs.adapter.jdbi.JdbiDocumentRepository", "abort", At.EXIT, 2),
    DOOMED_FILE_DELETED("dev.docs.application.Housekeeping", "sweepContents", after("delete"), 4),
    DOOMED_DISCARDED("dev.docs.adapter.jdbi.JdbiDocumentRepository", "discarded", At.EXIT, 2),

    // a start
    DATABASE_MIGRATED("dev.docs.adapter.jdbi.Database", "migrate", At.EXIT, Only.START),
    STORE_PROBED("dev.docs.adapter.fs.FileSystemStorage", "makeId", after("createLink"), Only.START),
    STORE_BOUND("dev.docs.application.Storages", "requireSame", At.EXIT, Only.START);

    /** Where in a method; without a call, the method's own entry and normal exit. */
    private record At(boolean after, @Nullable String call) {
        static final At ENTRY = new At(false, null);
        static final At EXIT = new At(true, null);
    }

    enum Only {
        ALWAYS,
        H2,
        POWER_LOSS,
        H2_POWER_LOSS,
        /** Passed while the server starts, and not under load. */
        START
    }

    private final String className;
    private final String method;
    private final boolean after;
    private final @Nullable String call;
    private final int passages;
    private final Only only;

    KillPoint(String className, String method, At at, int passages) {
        this(className, method, at, passages, Only.ALWAYS);
    }

    KillPoint(String className, String method, At at, Only only) {
        this(className, method, at, 1, only);
    }

    /** @param passages the most that a round may wait for */
    KillPoint(String className, String method, At at, int passages, Only only) {
        this.className = className;
        this.method = method;
        this.after = at.after();
        this.call = at.call();
        this.passages = passages;
        this.only = only;
    }

    private static At before(String call) {
        return new At(false, call);
    }

    private static At after(String call) {
        return new At(true, call);
    }

    String className() {
        return className;
    }

    String method() {
        return method;
    }

    boolean isAtEntry() {
        return call == null && !after;
    }

    boolean isAtExit() {
        return call == null && after;
    }

    boolean isBefore(String called) {
        return called.equals(call) && !after;
    }

    boolean isAfter(String called) {
        return called.equals(call) && after;
    }

    int passages() {
        return passages;
    }

    boolean isPassedWhileStarting() {
        return only == Only.START;
    }

    boolean exists(boolean h2, boolean powerLoss) {
        return switch (only) {
            case ALWAYS, START -> true;
            case H2 -> h2;
            case POWER_LOSS -> powerLoss;
            case H2_POWER_LOSS -> h2 && powerLoss;
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
