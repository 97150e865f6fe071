package dev.docs.application;

/**
 * Told how far a bulk request has come, by the thread that carries it out, after each batch is committed. The next batch
 * waits for it. An exception from here is logged and changes nothing.
 */
@FunctionalInterface
public interface BulkListener {
    BulkListener NONE = progress -> {};

    void progressed(Progress progress);

    /**
     * Counts documents, each once.
     *
     * @param done as they were to become
     * @param failed refused
     * @param total of the request
     */
    record Progress(int done, int failed, int total) {}
}
