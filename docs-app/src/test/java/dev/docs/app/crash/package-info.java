/**
 * Proof by killing: the real server, a process of its own, is killed with SIGKILL in the middle of concurrent work, again
 * and again, and after each kill everything that it ever acknowledged must be there, whole, and nothing else.
 *
 * <p>A short round is part of every build. A long one:
 *
 * <pre>{@code mvn test -pl docs-app -am -Dtest='CrashTest' -Dsurefire.failIfNoSpecifiedTests=false -Ddocs.crash.rounds=100}</pre>
 *
 * <p>{@code -Ddocs.crash.seed=N} repeats the choices of a run; what the threads of two processes make of them differs.
 *
 * <p>A SIGKILL leaves the operating system's memory alone: that bytes are synced, and not merely written, is beyond
 * these tests. The kill of PostgreSQL leaves the same out. And on H2 a change that others have read, but that was not
 * acknowledged yet, may be gone after a kill: H2 shows a commit before it has written it.
 */
@NullMarked
package dev.docs.app.crash;

import org.jspecify.annotations.NullMarked;
