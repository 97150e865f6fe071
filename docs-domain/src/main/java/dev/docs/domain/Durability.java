package dev.docs.domain;

/** What a change survives once an adapter has acknowledged it. */
public enum Durability {
    /** A power cut: everything is forced to the disk first. */
    POWER_LOSS,
    /** The end of the process, however violent, but not of the machine: nothing is forced. Much faster; for tests. */
    PROCESS
}
