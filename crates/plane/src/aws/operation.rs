//! An operation as its handler writes it: its type, what it is about, and what it does.

/// Defines an operation that goes by [`Handler`](crate::aws::Handler).
macro_rules! operation {
    (
        $action:literal
        $name:ident($request:ty) -> $response:ty, about $target:ty;
        asks($asked:pat_param, $asks_call:pat_param) $asks:block
        run($permitted:pat_param, $input:pat_param, $call:pat_param) $run:block
    ) => {
        #[doc = concat!("`", $action, "`.")]
        pub(in crate::aws) struct $name;

        impl policy::Operation for $name {
            const ACTION: &'static str = $action;
            type Target = $target;
        }

        impl crate::aws::Handler for $name {
            type Input = $request;

            fn asks(
                $asked: &Self::Input,
                $asks_call: &crate::aws::Call<'_>,
            ) -> Result<crate::aws::Asks<$target>, awswire::AwsError> {
                $asks
            }

            async fn run(
                permit: policy::Permit<Self>,
                $input: Self::Input,
                $call: &crate::aws::Call<'_>,
            ) -> Result<$response, crate::refused::Refused> {
                let $permitted = permit.target();
                $run
            }
        }
    };
}
pub(super) use operation;
