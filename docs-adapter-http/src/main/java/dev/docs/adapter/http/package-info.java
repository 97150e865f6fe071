/**
 * The HTTP API: routes, wire form, problem details, ranges. It sees the use cases and the domain, never an adapter.
 */
@NullMarked
package dev.docs.adapter.http;

import org.jspecify.annotations.NullMarked;
