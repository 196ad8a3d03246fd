/** The HTTP API: what OpenAI's clients speak, and Kinora's own. */
package io.kinora.service.http;
