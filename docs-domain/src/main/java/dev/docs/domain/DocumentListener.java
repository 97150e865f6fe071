package dev.docs.domain;

/**
 * Hears of what has happened to documents: for a search index, an audit log, a message to somebody.
 *
 * <p><b>After the fact.</b> It is called when the change is durable, on the thread that made it, before that thread's call
 * returns: a slow listener makes its caller wait, and nobody else. Whatever it throws is logged and changes nothing: not
 * the document, not the call's result, not what other listeners are told.
 *
 * <p><b>At most once.</b> Each change is told of once, but a process that dies between the commit and the call tells
 * nobody, and so does a change whose outcome was unknown. Who must miss nothing also reads lists by their time of update.
 * Nothing is told of calls that changed nothing: refused ones, repetitions of a request with an idempotency key, changes
 * to what a document is already.
 *
 * <p><b>Order.</b> Changes of one document that several threads or servers make may be told of in another order than they
 * were made in; {@link DocumentData#revision} has the right one. Each server tells its own listeners of its own changes.
 *
 * <p>It is called by many threads at once, and may call back: what it changes then is told of before it returns.
 */
@FunctionalInterface
public interface DocumentListener {
    void happened(DocumentEvent event);
}
