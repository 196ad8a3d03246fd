/** Standing questions: which clips they are asked about, and when their answers are an alert. Knows no Kafka client. */
package io.kinora.actors.subscription;
