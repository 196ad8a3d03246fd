/** The command line. */
package io.kinora.service.cli;
