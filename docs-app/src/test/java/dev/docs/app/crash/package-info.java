/**
 * Proof by killing: the real server, a process of its own, is killed with SIGKILL in the middle of concurrent work, again
 * and again, and after each kill everything that it ever acknowledged must be there, whole, and nothing else.
 *
 * <p>Half of the kills come at random. The others come at a {@link dev.docs.app.crash.KillPoint}, a step between two
 * others that is woven into copies of the server's classes; the product knows nothing of it. A point whose place is gone,
 * or that a round does not reach, fails the test.
 *
 * <p>Every build runs 60 rounds for each database. A long run:
 *
 * <pre>{@code mvn test -pl docs-app -am -Dtest='CrashTest' -Dsurefire.failIfNoSpecifiedTests=false -Ddocs.crash.rounds=500}</pre>
 *
 * <p>{@code -Ddocs.crash.seed=N} repeats the choices of a run; what the threads of two processes make of them differs.
 *
 * <p>A SIGKILL leaves the operating system's memory alone: that bytes are synced, and not merely written, is for {@link
 * dev.docs.app.crash.PowerCutTest} to show, as root on Linux, with {@code -Dtest=PowerCutTest -Ddocs.power-cuts=20}. Its
 * disk forgets what was not synced; that the machine's own disk keeps what it was told to sync is beyond both. On H2 a
 * change that others have read, but that was not acknowledged yet, may be gone after a kill: H2 shows a commit before it
 * has written it.
 */
@NullMarked
package dev.docs.app.crash;

import org.jspecify.annotations.NullMarked;
