/** Traces of what is done for a request: spans, from whoever asked to the answer, as OpenTelemetry sees them. */
package io.kinora.actors.trace;
