package dev.docs.adapter.fs;

/** What stored content survives once {@link FileSystemStorage#store} has returned. */
public enum Durability {
    /** A power cut: files and the folders that name them are synced to the disk. */
    POWER_LOSS,
    /** The end of the process, however violent, but not of the machine: nothing is synced. Much faster; for tests. */
    PROCESS
}
