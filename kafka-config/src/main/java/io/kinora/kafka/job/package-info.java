/** The states of jobs, as their topic keeps them. */
package io.kinora.kafka.job;
