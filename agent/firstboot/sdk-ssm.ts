/* The bundler gives what is imported late its names only through a module of the project's own. */
export { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
