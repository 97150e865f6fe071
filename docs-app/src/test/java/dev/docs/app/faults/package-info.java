/**
 * Every call that Docs makes to the disk and to the repository fails once, in every way that such a call can fail, and
 * after each time everything that was acknowledged must be there, whole, and nothing else.
 *
 * <p>The disk is a file system in front of the real one ({@link dev.docs.app.faults.FaultyDisk}), so the code under test
 * is the one that runs in production, down to its last {@code fsync}. A case that failed names itself, and runs alone
 * with
 *
 * <pre>{@code mvn test -pl docs-app -am -Dtest=FaultTest -Dsurefire.failIfNoSpecifiedTests=false
 *     -Ddocs.faults.only='create large: file.write 2 NO_SPACE ONCE'}</pre>
 *
 * <p>{@code -Ddocs.faults.seed=N} repeats the choices of a run.
 */
@NullMarked
package dev.docs.app.faults;

import org.jspecify.annotations.NullMarked;
