/** Questions about clips on their way to answers. Knows neither Kafka nor HTTP. */
package io.kinora.actors.answer;
