/** The training loop: AdamW, learning rates, moving averages, saves and resumption. */
package io.kinora.training.optim;
